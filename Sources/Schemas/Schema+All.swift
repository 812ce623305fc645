extension Schema {
    /// Every schema, in the order in which people look for them. A new one is a line here.
    public static let all: [Schema] = [
        // Events
        Schema(EV44.self), Schema(PU00.self), Schema(VC00.self), Schema(EV43.self), Schema(EV42.self),
        Schema(AN44.self), Schema(TDCT.self), Schema(AR51.self),
        // Logs
        Schema(F144.self), Schema(AL00.self), Schema(EP01.self), Schema(UN00.self), Schema(SE00.self),
        Schema(F142.self), Schema(EP00.self), Schema(SENV.self), Schema(NS10.self),
        // Histograms
        Schema(HS01.self), Schema(DA00.self), Schema(HS00.self), Schema(MO01.self),
        // Area detectors
        Schema(AD00.self), Schema(ADAr.self), Schema(NDAr.self),
        // Runs and files
        Schema(PL72.self), Schema(RunStop6S4T.self), Schema(ANSW.self), Schema(WRDN.self), Schema(DF12.self),
        Schema(BA57.self),
        // Services
        Schema(X5F2.self), Schema(FC00.self), Schema(RF5K.self), Schema(JSON.self),
        // Muons
        Schema(AEV2.self), Schema(DEV2.self), Schema(DAT2.self),
    ]
}
