import CommitLog
