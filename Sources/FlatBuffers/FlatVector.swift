/// A vector of little-endian scalars inside a FlatBuffer, read in place.
///
/// The bytes may be misaligned. A vector must not outlive the buffer that it was found in.
public struct FlatVector<Element: FlatScalar>: RandomAccessCollection {
    /// The first element, or for an empty vector any address.
    @usableFromInline let base: UnsafeRawPointer
    /// Number of elements.
    public let count: Int

    /// The whole elements in `bytes`, which holds nothing else.
    @inlinable
    public init(_ bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count % MemoryLayout<Element>.stride == 0, "bytes must be whole elements")
        self.init(bytes.baseAddress ?? Self.nowhere, count: bytes.count / MemoryLayout<Element>.stride)
    }

    /// The `count` elements at `base`, all of which were checked to be there.
    @inlinable
    init(_ base: UnsafeRawPointer, count: Int) {
        self.base = base
        self.count = count
    }

    /// An empty vector.
    @inlinable
    public init() { self.init(Self.nowhere, count: 0) }

    /// Stands in for an address where there is nothing to read; aligned for every element.
    @inlinable
    static var nowhere: UnsafeRawPointer {
        guard let address = UnsafeRawPointer(bitPattern: 16) else { preconditionFailure("16 is not 0") }
        return address
    }

    /// All of it.
    @inlinable
    var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base, count: count &* MemoryLayout<Element>.stride)
    }

    @inlinable public var startIndex: Int { 0 }
    @inlinable public var endIndex: Int { count }
    @inlinable public func index(after index: Int) -> Int { index + 1 }
    @inlinable public func index(before index: Int) -> Int { index - 1 }

    @inlinable
    public subscript(index: Int) -> Element {
        precondition(index >= 0 && index < count, "index outside the vector")
        return base.loadUnaligned(fromByteOffset: index &* MemoryLayout<Element>.stride, as: Element.self)
    }

    /// Walks the vector without a bounds check for each element, so that loops over it can be vectorised.
    public struct Iterator: IteratorProtocol {
        @usableFromInline let base: UnsafeRawPointer
        @usableFromInline var index: Int
        @usableFromInline let count: Int

        @inlinable
        init(_ base: UnsafeRawPointer, count: Int) {
            self.base = base
            self.index = 0
            self.count = count
        }

        @inlinable
        public mutating func next() -> Element? {
            guard index < count else { return nil }
            let element = base.loadUnaligned(fromByteOffset: index &* MemoryLayout<Element>.stride, as: Element.self)
            index &+= 1
            return element
        }
    }

    @inlinable
    public func makeIterator() -> Iterator { Iterator(base, count: count) }

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
        if Int(bitPattern: base) % MemoryLayout<Element>.alignment == 0 {
            return try body(UnsafeBufferPointer(start: base.assumingMemoryBound(to: Element.self), count: count))
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
        precondition(target.count >= range.count, "no room for the range")
        UnsafeMutableRawBufferPointer(target).copyMemory(from: view(range).bytes)
    }

    /// The vector of the elements in `range`, still in place.
    @inlinable
    public func view(_ range: Range<Int>) -> FlatVector<Element> {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "range outside the vector")
        return FlatVector(base + range.lowerBound &* MemoryLayout<Element>.stride, count: range.count)
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
