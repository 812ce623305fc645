import Glibc
import Observability
import System

/// The metrics that every Prometheus client library gives of its process.
enum ProcessMetrics {
    static func register(_ metrics: Metrics) {
        let start = Double(SystemClock().wallNanoseconds) / 1e9
        metrics.collect {
            [
                .gauge("sluice_build_info", "The program's version.", ["version": VersionCommand.version], 1),
                .gauge("process_start_time_seconds", "Start of the process, seconds since the epoch.", [:], start),
                .counter("process_cpu_seconds_total", "User and system time used.", [:], cpuSeconds()),
                .gauge("process_resident_memory_bytes", "Memory in RAM.", [:], residentBytes()),
                .gauge("process_open_fds", "Open file descriptors.", [:], Double(openDescriptors())),
            ]
        }
    }

    private static func cpuSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// The second number of /proc/self/statm, in pages.
    static func residentBytes() -> Double {
        guard let statistics = try? LocalFileSystem().stream("/proc/self/statm") else { return 0 }
        let fields = String(decoding: statistics, as: UTF8.self).split(separator: " ")
        guard fields.count > 1, let pages = Double(fields[1]) else { return 0 }
        return pages * Double(sysconf(Int32(_SC_PAGESIZE)))
    }

    private static func openDescriptors() -> Int {
        ((try? LocalFileSystem().list("/proc/self/fd")) ?? []).count
    }
}
