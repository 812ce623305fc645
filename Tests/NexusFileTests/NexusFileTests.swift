import Foundation
import NexusFile
import TestSupport
import Testing

@Suite struct NexusFileTests {
    @Test func everyNumberTypeComesBack() throws {
        let scratch = TemporaryDirectory()
        let file = try NexusFile.create(scratch.file("a.nxs"))
        let entry = try file.root.createGroup("entry", class: "NXentry")
        func write<T: NexusScalar & FixedWidthInteger>(_: T.Type) throws {
            try entry.write("\(T.nexusType)", values: [T.min, 0, T.max])
        }
        try write(Int8.self)
        try write(UInt8.self)
        try write(Int16.self)
        try write(UInt16.self)
        try write(Int32.self)
        try write(UInt32.self)
        try write(Int64.self)
        try write(UInt64.self)
        try entry.write("float", Float(1.5))
        try entry.write("double", values: [1, 2, 3, 4, 5, 6].map { Double($0) }, shape: [2, 3])
        try file.close()

        let read = try NexusFile.open(scratch.file("a.nxs")).root.group("entry")
        #expect(read.nexusClass == "NXentry")
        for type in NexusType.allCases where type.isInteger {
            let dataset = try read.dataset(type.rawValue)
            #expect(dataset.type == type)
            #expect(dataset.shape == [3])
        }
        #expect(try read.dataset("int8").values(Int64.self) == [-128, 0, 127])
        #expect(try read.dataset("uint64").values(UInt64.self) == [0, 0, .max])
        #expect(try read.dataset("int64").values(Int64.self, from: 1, count: 2) == [0, .max])
        #expect(try read.dataset("float").shape == [])
        #expect(try read.dataset("float").value(Double.self) == 1.5)
        #expect(try read.dataset("double").shape == [2, 3])
        #expect(try read.dataset("double").values(Int32.self) == [1, 2, 3, 4, 5, 6])
    }

    @Test func textsAndAttributesComeBack() throws {
        let scratch = TemporaryDirectory()
        let file = try NexusFile.create(scratch.file("a.nxs"))
        let title = try file.root.write("title", text: "S\u{e4}mple \u{1f9ea}")
        try file.root.write("names", texts: ["a", "", "c"])
        let values: [(String, NexusValue)] = [
            ("text", .text("\u{b5}s")), ("texts", .texts(["x", "y"])), ("integer", .integer(-5)),
            ("integers", .integers([1, 2])), ("unsigned", .unsigned(.max)), ("unsigneds", .unsigneds([7])),
            ("real", .real(0.1)), ("reals", .reals([1, 2.5])), ("none", .integers([])),
        ]
        for (name, value) in values { try title.setAttribute(name, value) }
        try title.setAttribute("integer", .integer(6))
        try title.setAttribute("small", number: Int16(3))
        try file.close()

        let root = try NexusFile.open(scratch.file("a.nxs")).root
        let read = try root.dataset("title")
        #expect(try read.text() == "S\u{e4}mple \u{1f9ea}")
        #expect(try root.dataset("names").texts() == ["a", "", "c"])
        for (name, value) in values where name != "integer" { #expect(try read.attribute(name) == value) }
        #expect(try read.attribute("integer") == .integer(6))
        #expect(try read.attribute("small") == .integer(3))
        #expect(try read.attribute("absent") == nil)
        #expect(try Set(read.attributeNames()) == Set(values.map(\.0) + ["small"]))
    }

    @Test func linksAreSecondNames() throws {
        let scratch = TemporaryDirectory()
        let file = try NexusFile.create(scratch.file("a.nxs"))
        let deep = try file.root.createGroup("instrument").createGroup("detector", class: "NXdetector")
        try deep.write("x", Int32(4))
        try file.root.link("detector", to: "/instrument/detector")
        #expect(throws: NexusError.self) { try file.root.link("other", to: "/nothing") }
        try file.close()
        let root = try NexusFile.open(scratch.file("a.nxs")).root
        #expect(try root.dataset("detector/x").value(Int32.self) == 4)
        #expect(try root.childNames() == ["detector", "instrument"])
        #expect(try root.groups(class: "NXdetector").map(\.path) == ["/detector"])
    }

    @Test func wrongUseGetsATypedError() throws {
        let scratch = TemporaryDirectory()
        let path = scratch.file("a.nxs")
        func code(_ body: () throws -> Void) -> NexusError.Code? {
            do {
                try body()
                return nil
            } catch { return (error as? NexusError)?.code }
        }
        #expect(code { _ = try NexusFile.open(path) } == .notFound)
        let file = try NexusFile.create(path)
        #expect(code { _ = try NexusFile.create(path) } == .exists)
        try file.root.createGroup("a")
        #expect(code { try file.root.createGroup("a") } == .exists)
        #expect(code { try file.root.createGroup("a/b") } == .invalid)
        #expect(code { try file.root.createGroup("") } == .invalid)
        try file.root.write("n", values: [1, 2, 3] as [Int32])
        #expect(code { _ = try file.root.dataset("a") } == .wrongType)
        #expect(code { _ = try file.root.group("n") } == .wrongType)
        #expect(code { _ = try file.root.group("none/below") } == .notFound)
        let numbers = try file.root.dataset("n")
        #expect(code { _ = try numbers.texts() } == .wrongType)
        #expect(code { _ = try numbers.values(Int32.self, limit: 2) } == .invalid)
        #expect(code { _ = try numbers.values(Int32.self, from: 2, count: 2) } == .invalid)
        try file.close()
        #expect(code { try file.root.createGroup("late") } != nil)
        #expect(code { _ = try NexusFile.create("/nowhere/at/all.nxs") } == .library)
    }

    @Test func anythingElseThanHDF5IsRefusedWithTheReason() throws {
        let scratch = TemporaryDirectory()
        let path = scratch.file("a.nxs")
        let file = try NexusFile.create(path)
        try file.root.write("n", values: (0..<1000).map { Int32($0) })
        try file.close()
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        for length in stride(from: 0, to: whole.count, by: 97) {
            try whole.prefix(length).write(to: URL(fileURLWithPath: path))
            #expect(throws: NexusError.self) {
                _ = try NexusFile.open(path).root.dataset("n").values(Int32.self)
            }
        }
    }

    @Test(.needsPython) func linksIntoOtherFilesAreNotFollowed() throws {
        let scratch = TemporaryDirectory()
        let script = """
            import h5py, sys, numpy
            with h5py.File(sys.argv[1] + '/other.h5', 'w') as f: f['secret'] = [1, 2]
            with h5py.File(sys.argv[1] + '/a.h5', 'w') as f:
                f['link'] = h5py.ExternalLink('other.h5', '/secret')
                f['soft'] = h5py.SoftLink('/n')
                f['n'] = [5]
                f['dangling'] = h5py.SoftLink('/nowhere')
                layout = h5py.VirtualLayout(shape=(2,), dtype='i8')
                layout[:] = h5py.VirtualSource(sys.argv[1] + '/other.h5', 'secret', shape=(2,))
                f.create_virtual_dataset('virtual', layout)
            """
        #expect(try PythonScript(script).text(scratch.path) == "")
        let root = try NexusFile.open(scratch.file("a.h5")).root
        #expect(try root.dataset("soft").values(Int64.self) == [5])
        #expect(try root.groups().isEmpty)
        #expect(throws: NexusError.self) { _ = try root.dataset("link") }
        #expect(throws: NexusError.self) { _ = try root.dataset("virtual").values(Int64.self) }
    }

    @Test(.needsPython) func otherReadersAgree() throws {
        let scratch = TemporaryDirectory()
        let file = try NexusFile.create(scratch.file("a.nxs"))
        let entry = try file.root.createGroup("entry", class: "NXentry")
        try entry.write("title", text: "run 1").setAttribute("units", "K")
        let column = try AppendableDataset<Int32>(entry, "id", chunkBytes: 400)
        try column.append(contentsOf: (0..<250).map { Int32($0) })
        try column.flush()
        let texts = try AppendableTexts(entry, "alarm", length: 200)
        try texts.append("HIHI")
        try texts.flush()
        try file.close()
        let script = """
            import h5py, sys
            f = h5py.File(sys.argv[1])
            e = f['entry']
            print(e.attrs['NX_class'], e['title'].asstr()[()], e['title'].attrs['units'], e['id'].shape, e['id'].dtype,
                  int(e['id'][:].sum()), e['id'].chunks, e['alarm'].asstr()[0], e['alarm'].dtype)
            """
        #expect(
            try PythonScript(script).text(scratch.file("a.nxs"))
                == "NXentry run 1 K (250,) int32 31125 (100,) HIHI |S200")
    }

    @Test(.needsPython) func filesOfOthersAreRead() throws {
        let scratch = TemporaryDirectory()
        let script = """
            import h5py, sys, numpy as np
            with h5py.File(sys.argv[1], 'w', libver=('earliest', 'v110')) as f:
                f.attrs['fixed'] = np.bytes_('abc')
                f['big'] = np.arange(5, dtype='>i4')
                f['half'] = np.array([0.5, 2], dtype='f2')
                f.create_dataset('packed', data=np.arange(1000, dtype='u2'), chunks=(100,), compression='gzip')
                f['fixed'] = np.array([b'one', b'three'])
                f['flag'] = np.array([True, False])
                f['empty'] = h5py.Empty('f8')
            """
        #expect(try PythonScript(script).text(scratch.file("a.h5")) == "")
        let root = try NexusFile.open(scratch.file("a.h5")).root
        #expect(try root.attribute("fixed") == .text("abc"))
        #expect(try root.dataset("big").values(Int32.self) == [0, 1, 2, 3, 4])
        #expect(try root.dataset("half").values(Double.self) == [0.5, 2])
        #expect(try root.dataset("packed").values(Int64.self, from: 990, count: 10) == Array(990..<1000))
        #expect(try root.dataset("fixed").texts() == ["one", "three"])
        #expect(try root.dataset("flag").values(UInt8.self) == [1, 0])
        #expect(throws: NexusError.self) { _ = try root.dataset("empty").value(Double.self) }
    }
}
