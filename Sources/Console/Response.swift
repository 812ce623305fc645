import CAssets

/// What the console answers to one request.
struct Response {
    enum Body {
        case bytes([UInt8])
        case asset(ca_asset)
    }

    var status: UInt32 = 200
    var type: String
    var body: Body
    var headers: [(String, String)] = []

    static func text(_ text: String, status: UInt32 = 200, type: String = "text/plain; charset=utf-8") -> Response {
        Response(status: status, type: type, body: .bytes(Array(text.utf8)))
    }

    static func json(_ text: String, status: UInt32 = 200) -> Response {
        .text(text, status: status, type: "application/json")
    }
}
