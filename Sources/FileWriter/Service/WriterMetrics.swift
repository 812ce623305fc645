import Observability

/// The file writer's metrics.
struct WriterMetrics {
    let started: Counter
    let finished: Counter
    let failed: Counter
    let rejected: Counter
    let restarts: Counter
    let running: Gauge
    let events: Counter
    let messages: Counter
    let malformed: Counter
    let bytes: Counter

    init(_ metrics: Metrics) {
        let help = "Write jobs by what became of them."
        started = metrics.counter("sluice_writer_jobs_started_total", "Write jobs started.")
        finished = metrics.counter("sluice_writer_jobs_total", help, ["outcome": "finished"])
        failed = metrics.counter("sluice_writer_jobs_total", help, ["outcome": "failed"])
        rejected = metrics.counter("sluice_writer_jobs_total", help, ["outcome": "rejected"])
        restarts = metrics.counter("sluice_writer_restarts_total", "Jobs begun again after their process failed.")
        running = metrics.gauge("sluice_writer_jobs_running", "Write jobs at work.")
        events = metrics.counter("sluice_writer_events_total", "Neutron events written.")
        messages = metrics.counter("sluice_writer_messages_total", "Records read by write jobs.")
        malformed = metrics.counter("sluice_writer_malformed_total", "Records that write jobs could not use.")
        bytes = metrics.counter("sluice_writer_bytes_total", "Bytes of files begun and finished.")
    }

    /// Counts what was done between two reports of a job.
    func record(_ old: JobCounts, _ new: JobCounts) {
        events.add(Int(max(0, new.events - old.events)))
        messages.add(Int(max(0, new.messages - old.messages)))
        malformed.add(Int(max(0, new.malformed - old.malformed)))
        bytes.add(Int(max(0, new.bytes - old.bytes)))
    }
}
