import FileWriter
import NexusFile
import Schemas
import TestSupport
import Testing

@Suite struct OtherReadersTests {
    private func demoFile() throws -> TestRun {
        let run = TestRun()
        for index in 0..<50 {
            run.pulse(Int64(index * 100), offsets: [1000, 2000, 3000], pixels: [1, 2, Int32(index) + 1])
            run.pulse(Int64(index * 100), source: "monitor_1", offsets: [500], pixels: [])
            run.frame(Int64(index * 100), charge: 0.25, period: 0, vetoes: index % 10 == 0 ? 1 : 0)
            run.reading(Int64(index * 100), "TE:TEST:CS:SB:Temp1", .double(290 + Double(index)))
        }
        try run.write(TestRun.demo(variables: ["TE:TEST:CS:SB:Temp1", "TE:TEST:CS:SB:Motor1"]))
        return run
    }

    @Test func theDemosStructureIsComplete() throws {
        let run = try demoFile()
        let entry = try NexusFile.open(run.scratch.file("run.nxs")).root.group("entry")
        #expect(try NexusFile.open(run.scratch.file("run.nxs")).root.attribute("sluice_incomplete") == nil)
        #expect(try entry.dataset("title").text() == "A \"test\"")
        #expect(try entry.dataset("run_number").value(Int32.self) == 7)
        #expect(try entry.dataset("detector_events/event_id").values(Int32.self).count == 150)
        #expect(try entry.dataset("instrument/detector_1/detector_events/event_index").values(Int64.self).last == 147)
        #expect(try entry.dataset("monitor_1/monitor_1_events/event_time_offset").shape == [50])
        #expect(try entry.dataset("selog/Temp1/value").values(Double.self).count == 50)
        #expect(try entry.dataset("selog/Motor1/value").shape == [0])
        #expect(try entry.dataset("framelog/proton_charge/value").shape == [50])
        #expect(try entry.dataset("proton_charge").value(Float.self) == 11.25)
        #expect(try entry.dataset("total_counts").value(Int64.self) == 200)
    }

    @Test(.needsPython) func h5pyReadsTheFile() throws {
        let run = try demoFile()
        let script = """
            import h5py, sys
            f = h5py.File(sys.argv[1])
            e = f['entry/detector_events']
            print(f.attrs['NX_class'], e.attrs['NX_class'], *[f'{n}:{e[n].dtype}:{e[n].shape[0]}' for n in sorted(e)],
                  int(e['event_id'][:].sum()), int(e['event_time_zero'][1] - e['event_time_zero'][0]),
                  e['event_time_zero'].attrs['offset'], f['entry/start_time'].asstr()[()],
                  float(f['entry/selog/Temp1/average_value'][()]),
                  f['entry/detector_events'] == f['entry/instrument/detector_1/detector_events'])
            """
        #expect(
            try PythonScript(script).text(run.scratch.file("run.nxs")) == """
                NXroot NXevent_data event_id:int32:150 event_index:int64:50 event_time_offset:int32:150 \
                event_time_zero:uint64:50 1425 100000000 1970-01-01T00:00:00Z 2023-11-14T22:13:20.000Z 314.5 True
                """)
    }

    @Test(.needsPython) func scippnexusLoadsTheFile() throws {
        let run = try demoFile()
        let script = """
            import sys, warnings
            warnings.simplefilter('ignore')
            import scippnexus as snx
            with snx.File(sys.argv[1]) as f:
                events = f['entry/instrument/detector_1'][()]
                log = f['entry/selog/Temp1'][()]
                monitor = f['entry/monitor_1'][()]
                charge = f['entry/framelog/proton_charge'][()]
                d = events['detector_events'] if 'detector_events' in events else events
                print(d.bins.size().sum().value if hasattr(d, 'bins') and d.bins is not None else d, log.sizes, log.unit,
                      str(log.coords['time'].values[0]), charge.sum().value)
            """
        let text = try PythonScript(script).text(run.scratch.file("run.nxs"))
        #expect(text.hasSuffix("2023-11-14T22:13:20.000000000 12.5"), "\(text)")
        #expect(text.hasPrefix("150 {'time': 50}"), "\(text)")
    }
}
