/// Bytes as hexadecimal digits.
public enum Hexadecimal {
    private static let digits = Array("0123456789abcdef".utf8)

    /// Two small digits a byte.
    public static func text(_ bytes: some Sequence<UInt8>) -> String {
        String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// The bytes of digits; white space, colons and a leading `0x` are ignored. Nil for anything else.
    public static func bytes(_ text: String) -> [UInt8]? {
        let body = text.hasPrefix("0x") ? text.dropFirst(2) : text[...]
        var output: [UInt8] = []
        var high: UInt8?
        for character in body where !character.isWhitespace && character != ":" {
            guard character.isASCII, let digit = character.hexDigitValue else { return nil }
            if let first = high {
                output.append(first << 4 | UInt8(digit))
                high = nil
            } else {
                high = UInt8(digit)
            }
        }
        return high == nil ? output : nil
    }
}
