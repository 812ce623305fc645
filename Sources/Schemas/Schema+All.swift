extension Schema {
    /// Every schema, in the order in which people look for them. A new one is a line here.
    public static let all: [Schema] = [
        Schema(EV44.self), Schema(PU00.self),
        Schema(F144.self), Schema(AL00.self), Schema(EP01.self),
        Schema(HS01.self),
        Schema(PL72.self), Schema(RunStop6S4T.self), Schema(ANSW.self), Schema(WRDN.self), Schema(DF12.self),
        Schema(X5F2.self),
    ]
}
