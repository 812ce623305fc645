# The single entry: `make demo` and `make test` install what is missing, build, and run. Everything is idempotent.

BUILD_PACKAGES := zlib1g-dev libsnappy-dev liblz4-dev libzstd-dev libhdf5-dev librdkafka-dev libmicrohttpd-dev \
	libtomlplusplus-dev pkg-config python3 python3-venv
TEST_PACKAGES := kcat chromium prometheus strace procps zsh fish flatbuffers-compiler openssl e2fsprogs mount
SUDO := $(shell [ $$(id -u) = 0 ] || echo sudo)
RELEASE := -c release --static-swift-stdlib -Xswiftc -cross-module-optimization
IMPORTS := --explicit-target-dependency-import-check error
PYTHON := .venv/bin/python
PLOTLY := Sources/CAssets/files/plotly.min.js.gz
SLUICE := .build/release/sluice
FUZZ_SECONDS := 20
FILTER :=
MODULES :=

.PHONY: demo build test unit interop lint format fuzz asan tsan bench install deb docs clean setup-build setup-test swift

## demo: everything at once: one run of 20 s from a simulated instrument to a NeXus file
demo: build
	$(SLUICE) demo $(DEMO_FLAGS)

## build: the release binary .build/release/sluice
build: setup-build
	swift build $(RELEASE) $(IMPORTS) --product sluice

swift:
	@command -v swift >/dev/null || { echo "Swift 6.3 is missing: install the toolchain for Debian 12 from swift.org/install and put its usr/bin on PATH" >&2; exit 1; }
	@swift --version 2>/dev/null | grep -qE 'Swift version (6\.[3-9]|[7-9])' || { echo "Swift 6.3 or newer is needed, found: $$(swift --version 2>/dev/null | head -1)" >&2; exit 1; }

setup-build: swift .build/packages-build $(PLOTLY)

.build/packages-build: Makefile
	@mkdir -p .build
	@missing=$$(for p in $(BUILD_PACKAGES); do dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done); \
	if [ -n "$$missing" ]; then echo "installing:" $$missing; $(SUDO) apt-get update -qq && \
	DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -qq --no-install-recommends $$missing; fi
	@touch $@

.build/packages-test: Makefile
	@mkdir -p .build
	@missing=$$(for p in $(TEST_PACKAGES); do dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done); \
	if [ -n "$$missing" ]; then echo "installing:" $$missing; $(SUDO) apt-get update -qq && \
	DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -qq --no-install-recommends $$missing; fi
	@touch $@

.venv/bin/python: | .build/packages-build
	python3 -m venv .venv

# plotly.min.js is taken out of the Python package and embedded compressed; it is never committed.
$(PLOTLY): Tests/requirements-assets.txt | .venv/bin/python
	$(PYTHON) -m pip -q install -r Tests/requirements-assets.txt
	$(PYTHON) -c "import gzip, pathlib, plotly; source = pathlib.Path(plotly.__file__).parent / 'package_data' / 'plotly.min.js'; pathlib.Path('$@').write_bytes(gzip.compress(source.read_bytes(), 9, mtime=0))"

.venv/tests-ready: Tests/requirements.txt | .venv/bin/python
	$(PYTHON) -m pip -q install -r Tests/requirements.txt
	@touch $@

setup-test: setup-build .build/packages-test .venv/tests-ready

## test: every test: the modules' own, then other people's clients, readers and a browser against the release binary
test: unit interop

unit: export SLUICE_MODULES = $(MODULES)
unit: setup-test
	swift build --build-tests $(IMPORTS)
	SLUICE_TEST_PYTHON=$(CURDIR)/$(PYTHON) swift test --skip-build --parallel $(if $(FILTER),--filter $(FILTER))

interop: setup-test build
	$(PYTHON) -m pytest -q Tests/Interop $(if $(FILTER),-k $(FILTER))

## lint: formatting and house rules
lint: swift
	swift format lint --strict -r Sources Tests Package.swift
	Tests/house-rules.sh

## format: formats every Swift file in place
format: swift
	swift format -i -r Sources Tests Package.swift

## fuzz: each fuzz target for 20 s (FUZZ_SECONDS) on its kept corpus
fuzz: setup-build
	Tests/Fuzz/run.sh $(FUZZ_SECONDS)

## asan, tsan: the modules' tests under the address and the thread sanitizer
asan: setup-test
	ASAN_OPTIONS=detect_leaks=0 swift test --sanitize=address --scratch-path .build/asan --parallel
tsan: setup-test
	Tests/ThreadSanitizer/run.sh

## bench: speeds as ratios to limits measured in the same run
bench: build
	$(SLUICE) bench

## install: the binary and its configuration under PREFIX (default /usr/local)
PREFIX := /usr/local
install: build
	install -D -m 755 $(SLUICE) $(DESTDIR)$(PREFIX)/bin/sluice
	install -D -m 644 config/sluice.toml $(DESTDIR)$(PREFIX)/share/sluice/sluice.toml

## deb: a Debian package in .build, with its dependencies read off the binary (what is loaded by name is not to be seen there)
VERSION = $(shell $(SLUICE) version | cut -d' ' -f2)
deb: build
	@command -v dpkg-shlibdeps >/dev/null || { $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq --no-install-recommends dpkg-dev; }
	rm -rf .build/deb && mkdir -p .build/deb/debian .build/deb/tree/DEBIAN
	$(MAKE) -s install DESTDIR=$(CURDIR)/.build/deb/tree PREFIX=/usr
	strip .build/deb/tree/usr/bin/sluice
	install -D -m 644 LICENSE .build/deb/tree/usr/share/doc/sluice/copyright
	touch .build/deb/debian/control
	cd .build/deb && depends=$$(dpkg-shlibdeps -O tree/usr/bin/sluice | cut -d= -f2-), && \
	depends="$$depends $$(dpkg-query -W -f='$${Depends}' libhdf5-dev | grep -oE 'libhdf5-[0-9]+-[0-9]+' | head -1), librdkafka1" && printf '%s\n' "Package: sluice" "Version: $(VERSION)" \
	"Architecture: $$(dpkg --print-architecture)" "Maintainer: the Sluice authors <sluice@localhost>" "Depends: $$depends" "Section: science" \
	"Priority: optional" "Description: Kafka-compatible broker and services of a neutron beamline in one binary" > tree/DEBIAN/control
	dpkg-deb --root-owner-group -Zxz --build .build/deb/tree .build/sluice_$(VERSION).deb

## docs: the public interfaces of every module as static pages in .build/docs
docs: setup-build
	# The C targets have no Swift interface; the command fails for them after it has written all others.
	swift package dump-symbol-graph --minimum-access-level public >.build/symbolgraph.log 2>&1 || true
	rm -rf .build/docs .build/symbolgraphs && mkdir -p .build/symbolgraphs
	find .build -path '*symbolgraph/*' -name '*.symbols.json' ! -name 'sluicePackage*' ! -name 'CToml*' -exec cp {} .build/symbolgraphs/ \;
	$$(dirname $$(readlink -f $$(command -v swift)))/docc convert --fallback-display-name Sluice --fallback-bundle-identifier sluice \
	--additional-symbol-graph-dir .build/symbolgraphs --output-path .build/docs

## clean: removes what was built
clean:
	rm -rf .build $(PLOTLY)
