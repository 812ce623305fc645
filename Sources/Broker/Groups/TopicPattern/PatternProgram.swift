/// The automaton of a pattern.
struct PatternProgram: Sendable {
    private enum State: Sendable {
        /// Goes to the next state with one of these characters.
        case character(CharacterSet)
        /// Goes to the next state when the place is right.
        case assertion(PatternAssertion)
        /// Goes to both.
        case fork(Int, Int)
        case jump(Int)
        case accept
    }

    private var states: [State] = []
    private let statesMax: Int

    /// The automaton of a node, which must match from end to end.
    init(_ node: PatternNode, statesMax: Int) throws(TopicPattern.Failure) {
        self.statesMax = statesMax
        try add(node)
        try append(.accept)
    }

    private mutating func append(_ state: State) throws(TopicPattern.Failure) {
        guard states.count < statesMax else { throw TopicPattern.Failure("too large") }
        states.append(state)
    }

    private mutating func add(_ node: PatternNode) throws(TopicPattern.Failure) {
        switch node {
        case .empty: break
        case .character(let set): try append(.character(set))
        case .assertion(let assertion): try append(.assertion(assertion))
        case .sequence(let nodes): for node in nodes { try add(node) }
        case .choice(let nodes): try addChoice(nodes)
        case .repetition(let node, let min, let max): try addRepetition(node, min, max)
        }
    }

    private mutating func addChoice(_ nodes: [PatternNode]) throws(TopicPattern.Failure) {
        var ends: [Int] = []
        for node in nodes.dropLast() {
            let fork = states.count
            try append(.fork(fork + 1, 0))
            try add(node)
            ends.append(states.count)
            try append(.jump(0))
            states[fork] = .fork(fork + 1, states.count)
        }
        if let last = nodes.last { try add(last) }
        for end in ends { states[end] = .jump(states.count) }
    }

    private mutating func addRepetition(
        _ node: PatternNode, _ min: Int, _ max: Int?
    ) throws(TopicPattern.Failure) {
        for _ in 0..<min {
            let before = states.count
            try add(node)
            // What has no states has none a second time either.
            if states.count == before { return }
        }
        guard let max else {
            let fork = states.count
            try append(.fork(fork + 1, 0))
            try add(node)
            try append(.jump(fork))
            states[fork] = .fork(fork + 1, states.count)
            return
        }
        var forks: [Int] = []
        for _ in min..<max {
            forks.append(states.count)
            try append(.fork(states.count + 1, 0))
            try add(node)
        }
        for fork in forks { states[fork] = .fork(fork + 1, states.count) }
    }

    // MARK: - Matching

    /// Whether the whole text matches. Takes time in proportion to the text and the states.
    func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var reached = Reached(capacity: states.count)
        var current: [Int] = []
        var next: [Int] = []
        follow(from: 0, at: 0, text, &reached, into: &current)
        for position in 0..<text.count {
            guard !current.isEmpty else { return false }
            reached.clear()
            next.removeAll(keepingCapacity: true)
            for index in current {
                if case .character(let set) = states[index], set.contains(text[position]) {
                    follow(from: index + 1, at: position + 1, text, &reached, into: &next)
                }
            }
            swap(&current, &next)
        }
        return current.contains { if case .accept = states[$0] { true } else { false } }
    }

    /// States that were reached at the present place.
    private struct Reached {
        private var marks: [Int]
        private var mark = 1

        init(capacity: Int) { marks = Array(repeating: 0, count: capacity) }

        mutating func clear() { mark += 1 }

        mutating func insert(_ state: Int) -> Bool {
            guard marks[state] != mark else { return false }
            marks[state] = mark
            return true
        }
    }

    /// Adds the states that wait for a character, or accept, and are reached from one without reading any.
    private func follow(
        from start: Int, at position: Int, _ text: UnsafeBufferPointer<UInt8>, _ reached: inout Reached,
        into list: inout [Int]
    ) {
        var pending = [start]
        while let index = pending.popLast() {
            guard reached.insert(index) else { continue }
            switch states[index] {
            case .jump(let target): pending.append(target)
            case .fork(let one, let other): pending += [other, one]
            case .assertion(let assertion):
                if Self.holds(assertion, position, text) { pending.append(index + 1) }
            case .character, .accept: list.append(index)
            }
        }
    }

    private static func holds(
        _ assertion: PatternAssertion, _ position: Int, _ text: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        let isBehindWord = position > 0 && CharacterSet.word.contains(text[position - 1])
        let isBeforeWord = position < text.count && CharacterSet.word.contains(text[position])
        return switch assertion {
        case .start: position == 0
        case .end: position == text.count
        case .wordBoundary: isBehindWord != isBeforeWord
        case .noWordBoundary: isBehindWord == isBeforeWord
        }
    }
}
