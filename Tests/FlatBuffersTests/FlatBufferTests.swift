import TestSupport
import Testing

@testable import FlatBuffers

/// A message with every kind of field.
private func sample() -> [UInt8] {
    var builder = FlatBufferBuilder(capacity: 0)
    let name: FlatOffset = builder.string("détecteur")
    let doubles = builder.vector([1.5, -2.5, .infinity])
    let shorts = builder.vector([Int16](0..<7))
    builder.startTable(slots: 2)
    builder.add(0, UInt8(200))
    builder.add(1, Int64(-5))
    let inner = builder.endTable()
    builder.startTable(slots: 2)
    builder.add(0, UInt8(201))
    builder.add(1, Int64(-6))
    let twin = builder.endTable()
    let tables = builder.vector([inner, twin, inner])
    builder.startTable(slots: 10)
    builder.add(0, Int32(42))
    builder.add(1, name)
    builder.add(2, doubles)
    builder.add(3, shorts)
    builder.add(4, inner)
    builder.add(5, tables)
    builder.addUnion(6, tag: 3, twin)
    builder.add(8, true)
    builder.finish(builder.endTable(), identifier: "test")
    return builder.array
}

/// Reads every field; what it returns depends on all of them.
private func readAll(_ bytes: UnsafeRawBufferPointer) throws(FlatBufferError) -> Int {
    let table = try FlatBufferTable(root: bytes, identifier: "test")
    var sum = Int(try table.scalar(0, "number", default: Int32(0)))
    sum &+= try table.string(1, "name")?.text.utf8.count ?? 0
    for value in try table.vector(2, "doubles", of: Double.self)?.array ?? [] { sum &+= Int(value.bitPattern >> 40) }
    for value in try table.requiredVector(3, "shorts", of: Int16.self) { sum &+= Int(value) }
    if let inner = try table.table(4, "inner") { sum &+= try readInner(inner) }
    for inner in try table.tables(5, "tables") ?? [] { sum &+= try readInner(inner) }
    if let (tag, inner) = try table.union(6, "union") { sum &+= Int(tag) &+ (try readInner(inner)) }
    sum &+= try table.bool(8, "flag") ? 1 : 0
    return sum
}

private func readInner(_ table: FlatBufferTable) throws(FlatBufferError) -> Int {
    Int(try table.scalar(0, "small", default: UInt8(0))) &+ Int(try table.scalar(1, "large", default: Int64(0)))
}

private func attempt(_ bytes: UnsafeRawBufferPointer) -> Result<Int, FlatBufferError> {
    do throws(FlatBufferError) { return .success(try readAll(bytes)) } catch { return .failure(error) }
}

@Suite struct FlatBufferTests {
    @Test func roundTrip() throws {
        let bytes = sample()
        #expect(bytes.count % 8 == 0)
        try bytes.withUnsafeBytes { bytes in
            let table = try FlatBufferTable(root: bytes, identifier: "test")
            #expect(try table.scalar(0, "number", default: Int32(0)) == 42)
            #expect(try table.string(1, "name")?.text == "détecteur")
            #expect(try table.string(1, "name")?.equals("détecteur") == true)
            #expect(try table.vector(2, "doubles", of: Double.self)?.array == [1.5, -2.5, .infinity])
            #expect(try table.vector(3, "shorts", of: Int16.self)?.array == [0, 1, 2, 3, 4, 5, 6])
            #expect(try table.table(4, "inner")?.scalar(1, "large", default: Int64(0)) == -5)
            let tables = try #require(try table.tables(5, "tables"))
            #expect(try tables.map { try $0.scalar(0, "small", default: UInt8(0)) } == [200, 201, 200])
            let union = try #require(try table.union(6, "union"))
            #expect(union.tag == 3)
            #expect(try union.table.scalar(0, "small", default: UInt8(0)) == 201)
            #expect(try table.bool(8, "flag"))
            #expect(try table.optionalScalar(9, "absent", as: Int32.self) == nil)
            #expect(try table.scalar(9, "absent", default: Int32(7)) == 7)
            #expect(try table.string(40, "beyond the vtable") == nil)
        }
    }

    @Test func everythingIsAlignedForOfficialReaders() throws {
        try sample().withUnsafeBytes { bytes in
            let start = try #require(bytes.baseAddress)
            func position<T>(_ vector: FlatVector<T>?) throws -> Int {
                let vector = try #require(vector)
                return try #require(vector.bytes.baseAddress) - start
            }
            let table = try FlatBufferTable(root: bytes, identifier: "test")
            #expect(table.position % 4 == 0)
            #expect(table.virtualTable % 2 == 0)
            let number = try #require(try table.inlinePosition(0, size: 4, "number"))
            #expect(number % 4 == 0)
            #expect(try position(table.vector(2, "doubles", of: Double.self)) % 8 == 0)
            #expect(try position(table.vector(3, "shorts", of: Int16.self)) % 4 == 0)
            for inner in try #require(try table.tables(5, "tables")) {
                #expect(inner.position % 4 == 0)
                let large = try #require(try inner.inlinePosition(1, size: 8, "large"))
                #expect(large % 8 == 0)
            }
            let name = try #require(try table.string(1, "name"))
            #expect(try position(name) % 4 == 0)
            #expect(bytes[try position(name) + name.count] == 0)
        }
    }

    @Test func equalVirtualTablesAreShared() {
        func size(tables: Int) -> Int {
            var builder = FlatBufferBuilder()
            var offsets: [FlatOffset] = []
            for index in 0..<tables {
                builder.startTable(slots: 2)
                builder.add(0, Int32(index))
                builder.add(1, Int32(index))
                offsets.append(builder.endTable())
            }
            let vector = builder.vector(offsets)
            builder.startTable(slots: 1)
            builder.add(0, vector)
            builder.finish(builder.endTable(), identifier: "test")
            return builder.count
        }
        // A table of two Int32 and its offset are 16 bytes; its vtable would be 8 more.
        #expect(size(tables: 101) - size(tables: 1) == 1600)
    }

    /// Every set of present fields is a layout of its own: there are more of them than the builder keeps.
    @Test func moreLayoutsThanAreKeptReadTheSame() throws {
        let layouts = 1..<256
        let bytes = FlatBufferBuilder.bytes { builder in
            var offsets: [FlatOffset] = []
            for layout in layouts {
                builder.startTable(slots: 8)
                for slot in 0..<8 where layout >> slot & 1 == 1 { builder.add(slot, Int32(layout * 8 + slot)) }
                offsets.append(builder.endTable())
            }
            let vector = builder.vector(offsets)
            builder.startTable(slots: 1)
            builder.add(0, vector)
            builder.finish(builder.endTable(), identifier: "test")
        }
        try bytes.withUnsafeBytes { bytes in
            let tables = try FlatBufferTable(root: bytes, identifier: "test").tables(0, "tables")
            for (layout, table) in zip(layouts, try #require(tables)) {
                for slot in 0..<8 {
                    let value = try table.optionalScalar(slot, "field", as: Int32.self)
                    #expect(value == (layout >> slot & 1 == 1 ? Int32(layout * 8 + slot) : nil))
                }
            }
        }
    }

    @Test func aBuilderIsReusable() {
        var builder = FlatBufferBuilder(capacity: 64)
        var first: [UInt8] = []
        for round in 0..<3 {
            builder.reset()
            let long = builder.vector([Int32](repeating: -1, count: round == 1 ? 5000 : 3))
            builder.startTable(slots: 2)
            builder.add(1, UInt8(9))
            builder.add(0, long)
            builder.finish(builder.endTable(), identifier: "test")
            if round == 0 { first = builder.array }
        }
        #expect(builder.array == first)
        #expect(builder.withBytes { Int(bitPattern: $0.baseAddress) } % 8 == 0)
    }

    @Test func misalignedInputReadsTheSame() throws {
        let bytes = sample()
        let expected = try bytes.withUnsafeBytes { try readAll($0) }
        for shift in 1..<8 {
            let shifted = [UInt8](repeating: 0xff, count: shift) + bytes
            let sum = try shifted.withUnsafeBytes { try readAll(UnsafeRawBufferPointer(rebasing: $0[shift...])) }
            #expect(sum == expected)
        }
    }

    @Test func everyTruncationIsRefusedOrReadable() {
        let bytes = sample()
        var refused = 0
        for count in 0..<bytes.count {
            // A copy of its own, so that a sanitizer sees any access beyond it.
            let short = [UInt8](bytes.prefix(count))
            if case .failure = short.withUnsafeBytes({ attempt($0) }) { refused += 1 }
        }
        #expect(refused >= bytes.count - 8)
    }

    @Test func damagedBytesNeverTrap() {
        let bytes = sample()
        var random = SplitMix(1)
        var refused = 0
        for _ in 0..<5000 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                damaged[Int.random(in: 0..<damaged.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if case .failure = damaged.withUnsafeBytes({ attempt($0) }) { refused += 1 }
        }
        #expect(refused > 500 && refused < 5000)
    }

    @Test func errorsSayWhatAndWhere() {
        var bytes = sample()
        #expect(
            bytes.prefix(5).withUnsafeBytes { attempt($0) }
                == .failure(FlatBufferError(.tooShort(count: 5), field: "root", position: 0)))
        let other = bytes.withUnsafeBytes { bytes -> FlatBufferError? in
            do throws(FlatBufferError) {
                _ = try FlatBufferTable(root: bytes, identifier: "ev44")
                return nil
            } catch { return error }
        }
        #expect(other?.description == "expected a FlatBuffer with identifier ev44, found test")
        bytes.replaceSubrange(0..<4, with: [0xff, 0xff, 0xff, 0xff])
        #expect(
            bytes.withUnsafeBytes { attempt($0) }
                == .failure(FlatBufferError(.outside, field: "root", position: 0)))
    }

    @Test func tablesThatContainThemselvesEnd() throws {
        // A table whose field 0 points at itself through an offset that wraps is impossible: offsets only go forwards.
        // An offset of zero points at itself, and is read as a table whose distance to its vtable is zero.
        var builder = FlatBufferBuilder()
        builder.startTable(slots: 1)
        builder.add(0, Int32(0))
        builder.finish(builder.endTable(), identifier: "test")
        try builder.withBytes { bytes in
            var table = try FlatBufferTable(root: bytes, identifier: "test")
            var depth = 1
            do throws(FlatBufferError) {
                while let next = try table.table(0, "self") {
                    table = next
                    depth += 1
                }
            } catch {
                #expect(error.field == "self")
            }
            #expect(depth <= FlatBufferTable.depthMaximum)
        }
    }
}

@Suite struct FlatVectorTests {
    @Test(arguments: [0, 1, 3])
    func copies(shift: Int) {
        let numbers = (0..<20).map { Int32($0 * $0) - 50 }
        let bytes = [UInt8](repeating: 0, count: shift) + numbers.withUnsafeBytes { [UInt8]($0) }
        bytes.withUnsafeBytes { bytes in
            let vector = FlatVector<Int32>(UnsafeRawBufferPointer(rebasing: bytes[shift...]))
            #expect(Array(vector) == numbers)
            #expect(vector.array == numbers)
            #expect(vector[19] == numbers[19])
            #expect(vector.view(3..<9).array == Array(numbers[3..<9]))
            #expect(vector.withUnsafeBufferPointer { Array($0) } == numbers)
            var target = [Int32](repeating: 7, count: 21)
            target.withUnsafeMutableBufferPointer { vector.copy(into: $0) }
            #expect(target == numbers + [7])
            target.withUnsafeMutableBufferPointer { vector.copy(2..<4, into: $0) }
            #expect(Array(target[0..<3]) == [numbers[2], numbers[3], numbers[2]])
            #expect(vector.reversed() == numbers.reversed())
        }
    }

    @Test func emptyVectors() {
        let vector = FlatVector<Double>(UnsafeRawBufferPointer(start: nil, count: 0))
        #expect(vector.isEmpty)
        #expect(vector.array.isEmpty)
        #expect(vector.withUnsafeBufferPointer { $0.count } == 0)
        #expect(vector.view(0..<0).isEmpty)
        #expect(FlatVector<Int64>().array.isEmpty)
    }
}
