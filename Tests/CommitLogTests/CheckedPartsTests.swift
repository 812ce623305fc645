import Testing

@testable import CommitLog

@Suite struct CheckedPartsTests {
    @Test func partsAreJoinedAndFound() {
        var parts = CheckedParts.none
        #expect(parts.end(from: 0) == 0)
        parts.add(10..<20)
        parts.add(40..<50)
        parts.add(30..<30)
        #expect(parts.parts == [10..<20, 40..<50])
        #expect(parts.end(from: 10) == 20 && parts.end(from: 20) == 20 && parts.end(from: 9) == 9)
        parts.add(20..<25)
        parts.add(0..<5)
        #expect(parts.parts == [0..<5, 10..<25, 40..<50])
        parts.add(4..<45)
        #expect(parts.parts == [0..<50])
        #expect(CheckedParts.all.end(from: 1 << 40) == .max)
        #expect(CheckedParts(from: 7).end(from: 6) == 6 && CheckedParts(from: 7).end(from: 7) == .max)
    }

    @Test func theSmallestPartIsForgottenWhenThereAreTooMany() {
        var parts = CheckedParts.none
        for index in 0..<Int64(CheckedParts.countMax) { parts.add(index * 100..<index * 100 + (index == 3 ? 5 : 10)) }
        parts.add(100_000..<100_010)
        #expect(parts.parts.count == CheckedParts.countMax)
        #expect(parts.end(from: 300) == 300 && parts.end(from: 400) == 410 && parts.end(from: 100_000) == 100_010)
    }
}
