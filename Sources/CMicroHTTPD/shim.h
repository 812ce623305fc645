// MHD_start_daemon is variadic, which Swift cannot call.
#include <microhttpd.h>

/// Serves HTTP on a listening socket with a pool of threads; the daemon closes the socket when it stops. NULL on failure.
static inline struct MHD_Daemon *cm_start(int listening_socket, unsigned threads, unsigned connections_max,
                                          unsigned idle_seconds_max, size_t head_bytes_max,
                                          MHD_AccessHandlerCallback handler, void *context) {
    return MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL, 0, NULL, NULL, handler, context,
                            MHD_OPTION_LISTEN_SOCKET, listening_socket, MHD_OPTION_THREAD_POOL_SIZE, threads,
                            MHD_OPTION_CONNECTION_LIMIT, connections_max, MHD_OPTION_CONNECTION_TIMEOUT,
                            idle_seconds_max, MHD_OPTION_CONNECTION_MEMORY_LIMIT, head_bytes_max, MHD_OPTION_END);
}
