import CAssets
import Observability
import Schemas
import System

/// Chooses the answer to a request by its path. Only reads; nothing here changes the appliance.
final class Router: Sendable {
    /// Sent with every answer: nothing is loaded from elsewhere, nobody may frame the page.
    static let commonHeaders = [
        (
            "Content-Security-Policy",
            "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; frame-ancestors 'none'"
        ),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
    ]

    private let model: LiveModel
    private let metrics: Metrics
    private let hosts: Set<String>
    private let readiness: @Sendable () -> Readiness
    private let requests: Counter

    init(model: LiveModel, metrics: Metrics, hosts: Set<String>, readiness: @escaping @Sendable () -> Readiness) {
        self.model = model
        self.metrics = metrics
        self.hosts = hosts
        self.readiness = readiness
        requests = metrics.counter("sluice_console_requests_total", "HTTP requests that the console answered.")
    }

    func answer(method: String, path: String, host: String?, instrument: String?) -> Response {
        requests.add()
        // A page of another site that resolves its own name to this address must not read anything (DNS rebinding).
        guard let host, hosts.contains(Self.name(of: host)) else {
            return .text("this console does not answer to the name in the Host header\n", status: 421)
        }
        guard method == "GET" || method == "HEAD" else {
            var response = Response.text("only GET and HEAD\n", status: 405)
            response.headers = [("Allow", "GET, HEAD")]
            return response
        }
        switch path {
        case "/metrics": return .text(metrics.prometheusText(), type: "text/plain; version=0.0.4; charset=utf-8")
        case "/live": return .text("live\n")
        case "/ready", "/v1/status/ready": return ready()
        case "/api/v1/live": return fresh(.json(model.liveJSON()))
        case "/api/v1/spectrum":
            guard let json = model.spectrumJSON(instrument: instrument ?? "") else { return missing(instrument) }
            return fresh(.json(json))
        case "/api/v1/detector":
            guard let map = model.detectorMap(instrument: instrument ?? "") else { return missing(instrument) }
            var response = Response(type: "application/octet-stream", body: .bytes(map.counts))
            response.headers = [("X-Shape", map.shape.map(String.init).joined(separator: "x"))]
            return fresh(response)
        default: return asset(path)
        }
    }

    /// The host's name without port and brackets.
    private static func name(of host: String) -> String {
        if let endpoint = Endpoint(host) { return endpoint.host }
        return host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
    }

    private func ready() -> Response {
        let reasons = readiness().reasons
        var json = JSONWriter()
        json.object { json in
            json.field("ready", reasons.isEmpty)
            json.key("reasons")
            json.array { json in for reason in reasons { json.value(reason) } }
        }
        return .json(json.text + "\n", status: reasons.isEmpty ? 200 : 503)
    }

    private func fresh(_ response: Response) -> Response {
        var response = response
        response.headers.append(("Cache-Control", "no-store"))
        return response
    }

    private func missing(_ instrument: String?) -> Response {
        .text("there is no histogram of instrument \(instrument ?? "(none given)") yet\n", status: 404)
    }

    private func asset(_ path: String) -> Response {
        for index in 0..<ca_count() {
            let asset = ca_asset_at(index)
            guard String(cString: asset.path) == path else { continue }
            var response = Response(type: String(cString: asset.type), body: .asset(asset))
            if let encoding = asset.encoding {
                response.headers.append(("Content-Encoding", String(cString: encoding)))
            }
            response.headers.append(("Cache-Control", "no-cache"))
            return response
        }
        return .text("there is nothing at \(path)\n", status: 404)
    }
}
