// System calls that Swift's Glibc module does not import: GNU extensions and variadic or macro interfaces.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/types.h>

/// accept4(2) with SOCK_NONBLOCK | SOCK_CLOEXEC.
int cl_accept(int listener, struct sockaddr *address, socklen_t *length);
/// socket(2) of type SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC.
int cl_stream_socket(int family);
/// open(2) with O_CLOEXEC added and a mode.
int cl_open(const char *path, int flags, unsigned mode);
/// epoll_create1(2) with EPOLL_CLOEXEC.
int cl_epoll_create(void);
/// eventfd(2) with EFD_CLOEXEC | EFD_NONBLOCK.
int cl_eventfd(void);
/// pthread_setname_np(3) for the calling thread; longer names are cut to 15 bytes.
void cl_name_thread(const char *name);
/// gettid(2).
int cl_thread_id(void);
/// openat2(2) with RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS; -1 and errno when the path leaves the directory.
int cl_open_beneath(int directory, const char *path, int flags, unsigned mode);
/// The time of birth of an open file by statx(2), ms since the epoch; 0 where the file system does not keep it, -1 and errno
/// on failure.
int64_t cl_birth_milliseconds(int descriptor);
/// fallocate(2) with FALLOC_FL_KEEP_SIZE.
int cl_reserve(int descriptor, int64_t offset, int64_t count);
/// renameat2(2) with RENAME_NOREPLACE within one directory: EEXIST when `target` is there, EINVAL where not supported.
int cl_rename_exclusive(int directory, const char *source, const char *target);
