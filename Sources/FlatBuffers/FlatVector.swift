/// A vector of little-endian scalars inside a FlatBuffer, read in place.
///
/// The bytes may be misaligned. A vector must not outlive the buffer that it was found in.
public struct FlatVector<Element: FlatScalar>: RandomAccessCollection {
    @usableFromInline let bytes: UnsafeRawBufferPointer
    /// Number of elements.
    public let count: Int

    /// The whole elements in `bytes`, which holds nothing else.
    @inlinable
    public init(_ bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count % MemoryLayout<Element>.stride == 0, "bytes must be whole elements")
        self.bytes = bytes
        self.count = bytes.count / MemoryLayout<Element>.stride
    }

    @inlinable public var startIndex: Int { 0 }
    @inlinable public var endIndex: Int { count }
    @inlinable public func index(after index: Int) -> Int { index + 1 }
    @inlinable public func index(before index: Int) -> Int { index - 1 }

    @inlinable
    public subscript(index: Int) -> Element {
        precondition(index >= 0 && index < count, "index outside the vector")
        return bytes.loadUnaligned(fromByteOffset: index &* MemoryLayout<Element>.stride, as: Element.self)
    }

    /// Walks the vector without a bounds check for each element, so that loops over it can be vectorised.
    public struct Iterator: IteratorProtocol {
        @usableFromInline let bytes: UnsafeRawBufferPointer
        @usableFromInline var index: Int
        @usableFromInline let count: Int

        @inlinable
        init(_ bytes: UnsafeRawBufferPointer, count: Int) {
            self.bytes = bytes
            self.index = 0
            self.count = count
        }

        @inlinable
        public mutating func next() -> Element? {
            guard index < count else { return nil }
            let element = bytes.loadUnaligned(
                fromByteOffset: index &* MemoryLayout<Element>.stride, as: Element.self)
            index &+= 1
            return element
        }
    }

    @inlinable
    public func makeIterator() -> Iterator { Iterator(bytes, count: count) }

    /// Lets `body` read the raw little-endian bytes, which may be misaligned for `Element`.
    @inlinable
    public func withUnsafeBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try body(bytes)
    }

    /// Lets `body` read the elements as a typed buffer; they are copied first only if they are misaligned.
    @inlinable
    public func withUnsafeBufferPointer<R, E: Error>(
        _ body: (UnsafeBufferPointer<Element>) throws(E) -> R
    ) throws(E) -> R {
        let address = Int(bitPattern: bytes.baseAddress)
        if address % MemoryLayout<Element>.alignment == 0 {
            return try body(
                UnsafeBufferPointer(start: bytes.baseAddress?.assumingMemoryBound(to: Element.self), count: count))
        }
        return try array.withUnsafeBufferPointer(body)
    }

    /// Copies every element to the start of `target`, which must have room for them, in one go.
    @inlinable
    public func copy(into target: UnsafeMutableBufferPointer<Element>) {
        precondition(target.count >= count, "no room for the vector")
        UnsafeMutableRawBufferPointer(target).copyMemory(from: bytes)
    }

    /// Copies the elements in `range` to the start of `target`, which must have room for them, in one go.
    @inlinable
    public func copy(_ range: Range<Int>, into target: UnsafeMutableBufferPointer<Element>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "range outside the vector")
        precondition(target.count >= range.count, "no room for the range")
        let stride = MemoryLayout<Element>.stride
        UnsafeMutableRawBufferPointer(target).copyMemory(
            from: UnsafeRawBufferPointer(
                rebasing: bytes[range.lowerBound &* stride..<range.upperBound &* stride]))
    }

    /// The vector of the elements in `range`, still in place.
    @inlinable
    public func view(_ range: Range<Int>) -> FlatVector<Element> {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "range outside the vector")
        let stride = MemoryLayout<Element>.stride
        return FlatVector(
            UnsafeRawBufferPointer(rebasing: bytes[range.lowerBound &* stride..<range.upperBound &* stride]))
    }

    /// A copy that owns its elements.
    @inlinable
    public var array: [Element] {
        [Element](unsafeUninitializedCapacity: count) { target, initialized in
            copy(into: target)
            initialized = count
        }
    }
}

extension FlatVector where Element == UInt8 {
    /// The bytes as text; invalid UTF-8 is repaired with U+FFFD.
    @inlinable
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Whether the bytes are the UTF-8 form of `text`, compared without making a `String`.
    @inlinable
    public func equals(_ text: String) -> Bool { elementsEqual(text.utf8) }
}
