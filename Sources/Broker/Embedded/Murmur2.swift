/// The hash by which Java's and our producers choose a partition from a key (Kafka `Utils.murmur2`, seed 0x9747b28c).
enum Murmur2 {
    /// The 32-bit hash of `bytes`.
    static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        let multiplier: UInt32 = 0x5bd1_e995
        var hash: UInt32 = 0x9747_b28c ^ UInt32(truncatingIfNeeded: bytes.count)
        let wholeWords = bytes.count / 4
        for index in 0..<wholeWords {
            var word = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self))
            word = word &* multiplier
            word ^= word >> 24
            word = word &* multiplier
            hash = hash &* multiplier ^ word
        }
        let tail = wholeWords * 4
        let left = bytes.count - tail
        if left >= 3 { hash ^= UInt32(bytes[tail + 2]) << 16 }
        if left >= 2 { hash ^= UInt32(bytes[tail + 1]) << 8 }
        if left >= 1 {
            hash ^= UInt32(bytes[tail])
            hash = hash &* multiplier
        }
        hash ^= hash >> 13
        hash = hash &* multiplier
        hash ^= hash >> 15
        return hash
    }

    /// The partition of a key among `count` partitions (Kafka `BuiltInPartitioner.partitionForKey`).
    static func partition(_ key: UnsafeRawBufferPointer, count: Int32) -> Int32 {
        precondition(count > 0)
        return Int32(bitPattern: hash(key) & 0x7fff_ffff) % count
    }
}
