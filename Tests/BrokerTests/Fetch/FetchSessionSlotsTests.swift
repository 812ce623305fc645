import Testing

@testable import Broker

@Suite struct FetchSessionSlotsTests {
    private let late = FetchSessionSlots.evictionMilliseconds + 1

    @Test func takesSessionsUntilAllPlacesAreTaken() {
        var slots = FetchSessionSlots(sessionsMax: 2)
        for id in [1, 2] as [Int32] {
            #expect(slots.admission(partitionCount: 5, now: 0) == .admitted)
            slots.add(id, partitionCount: 5, now: 0)
        }
        #expect(slots.admission(partitionCount: 1000, now: 0) == .refused, "the young are safe")
        slots.remove(1)
        #expect(slots.admission(partitionCount: 1, now: 0) == .admitted && slots.partitionCount == 5)
    }

    @Test func theLongestUnusedGivesWayFirst() {
        var slots = FetchSessionSlots(sessionsMax: 3)
        for id in [1, 2, 3] as [Int32] { slots.add(id, partitionCount: 5, now: Int64(id)) }
        #expect(slots.touch(1, partitionCount: 5, now: 10) == true)
        #expect(slots.admission(partitionCount: 1, now: late + 2) == .evict([2]))
        #expect(slots.admission(partitionCount: 1, now: late + 3) == .evict([2]))
    }

    @Test func amongThoseInUseASmallOldOneGivesWayToALarger() {
        var slots = FetchSessionSlots(sessionsMax: 2)
        slots.add(1, partitionCount: 5, now: 0)
        slots.add(2, partitionCount: 8, now: 0)
        for id in [1, 2] as [Int32] { #expect(slots.touch(id, partitionCount: id == 1 ? 5 : 8, now: late) == true) }
        #expect(slots.admission(partitionCount: 5, now: late) == .refused)
        #expect(slots.admission(partitionCount: 6, now: late) == .evict([1]))
    }

    @Test func partitionsOfAllSessionsAreLimited() {
        var slots = FetchSessionSlots(sessionsMax: 10, partitionsMax: 100)
        #expect(slots.admission(partitionCount: 101, now: 0) == .refused)
        #expect(slots.admission(partitionCount: 0, now: 0) == .refused, "nothing to remember")
        slots.add(1, partitionCount: 40, now: 0)
        slots.add(2, partitionCount: 40, now: 1)
        #expect(slots.admission(partitionCount: 21, now: 1) == .refused)
        #expect(slots.admission(partitionCount: 61, now: late + 1) == .evict([1, 2]))
        #expect(slots.touch(1, partitionCount: 61, now: 0) == false, "a session may not outgrow the limit")
        #expect(slots.touch(2, partitionCount: 1, now: 0) == true, "one that shrinks may go on")
        #expect(FetchSessionSlots().admission(partitionCount: FetchSession.partitionsMax + 1, now: 0) == .refused)
    }
}
