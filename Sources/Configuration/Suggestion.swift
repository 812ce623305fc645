/// Finds what somebody probably meant.
public enum Suggestion {
    /// The candidate nearest to `word` by edits, if it is near enough to be a slip.
    public static func nearest(to word: String, among candidates: [String]) -> String? {
        let scored = candidates.map { (distance(word, $0), $0) }
        guard let best = scored.min(by: { $0.0 < $1.0 }) else { return nil }
        return best.0 <= max(2, word.utf8.count / 3) ? best.1 : nil
    }

    /// The number of insertions, deletions and substitutions between two words (Levenshtein).
    static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left.utf8)
        let right = Array(right.utf8)
        var row = Array(0...right.count)
        for (index, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, other) in right.enumerated() {
                let above = row[column + 1]
                row[column + 1] = min(above + 1, row[column] + 1, diagonal + (byte == other ? 0 : 1))
                diagonal = above
            }
        }
        return row[right.count]
    }
}
