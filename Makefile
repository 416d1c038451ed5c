# managerd: the daemon, the client library, their tests and examples
#
#   make            build everything into build/
#   make demo       install what is missing, build, and show it at work
#   make test       install what is missing, build, and run every test
#   make fuzz       SECONDS=60: the fuzz targets (tests/fuzz)
#   make soak       SECONDS=60: many workers, one killed every moment (tests/chaos)
#   make bench      the same for the benchmarks (installs redis-server, too)
#   make install    DESTDIR= PREFIX=/usr/local
#   make format     clang-format over the sources
#
# SANITIZE=address,undefined builds into a directory of its own. CFLAGS and
# LDFLAGS are the user's: they are added behind the project's own flags.

VERSION  := 0.1.0
SONAME   := libmanager.so.0
PREFIX   ?= /usr/local
BINDIR    = $(PREFIX)/bin
LIBDIR    = $(PREFIX)/lib
INCLUDEDIR = $(PREFIX)/include

CC       ?= cc
CXX      ?= c++
OBJCOPY  ?= objcopy
CFLAGS   ?= -O2 -g
CXXFLAGS ?= -O2 -g
PYTHON   ?= /usr/bin/python3

comma := ,
SANITIZE ?=
BUILD    := build$(if $(SANITIZE),/$(subst $(comma),-,$(SANITIZE)))
OBJECTS  := $(BUILD)/objects

PKG_CONFIG ?= pkg-config
MSGPACK    := $(shell $(PKG_CONFIG) --exists msgpack-c 2>/dev/null && echo msgpack-c || echo msgpack)
pkg_cflags  = $(shell $(PKG_CONFIG) --cflags $(1) 2>/dev/null)
pkg_libs    = $(shell $(PKG_CONFIG) --libs $(1) 2>/dev/null)

WARNINGS := -Wall -Wextra -Wshadow -Wpointer-arith -Wcast-qual
C_WARNINGS := $(WARNINGS) -Wstrict-prototypes -Wmissing-prototypes
SANITIZE_FLAGS := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer)
ALL_CPPFLAGS = -I. -D_GNU_SOURCE -DMANAGERD_BINDIR='"$(BINDIR)"' $(CPPFLAGS)
ALL_CFLAGS   = -std=gnu11 $(C_WARNINGS) -fPIC -fvisibility=hidden $(SANITIZE_FLAGS) $(CFLAGS)
ALL_LDFLAGS  = $(SANITIZE_FLAGS) $(LDFLAGS)

PROTO_LIBS  = $(call pkg_libs,$(MSGPACK) libsodium)
DAEMON_LIBS = $(PROTO_LIBS) $(call pkg_libs,libuv libseccomp) -lm
CLIENT_LIBS = $(PROTO_LIBS) -pthread -lm

# --- what is built from what

PROTO_OBJECTS  := $(patsubst %.c,$(OBJECTS)/%.o,$(sort $(wildcard proto/*.c)))
STATE_OBJECTS  := $(patsubst %.c,$(OBJECTS)/%.o,$(sort $(wildcard managerd/engine/*.c managerd/object/*.c managerd/types/*.c)))
SERVER_OBJECTS := $(patsubst %.c,$(OBJECTS)/%.o,$(sort $(wildcard managerd/server/*.c managerd/*.c)))
CLIENT_OBJECTS := $(patsubst %.c,$(OBJECTS)/%.o,$(sort $(filter-out client/managerctl/%,$(wildcard client/*.c client/*/*.c))))
CTL_OBJECTS    := $(patsubst %.c,$(OBJECTS)/%.o,$(sort $(wildcard client/managerctl/*.c)))
PUBLIC_HEADERS := client/manager.h $(sort $(wildcard client/manager/*.h))
EXAMPLES       := $(patsubst examples/%.c,$(BUILD)/examples/%,$(sort $(wildcard examples/*.c)))

.PHONY: all
all: $(BUILD)/managerd $(BUILD)/managerctl $(BUILD)/libmanager.a $(BUILD)/libmanager.so $(EXAMPLES)

$(BUILD)/managerd: $(SERVER_OBJECTS) $(STATE_OBJECTS) $(PROTO_OBJECTS)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(DAEMON_LIBS)

# one object whose inner names cannot meet those of a program
$(BUILD)/libmanager.a: $(CLIENT_OBJECTS) $(PROTO_OBJECTS)
	rm -f $@
	$(LD) -r -o $(OBJECTS)/libmanager.o $^
	$(OBJCOPY) --localize-hidden $(OBJECTS)/libmanager.o
	$(AR) rcs $@ $(OBJECTS)/libmanager.o

$(BUILD)/$(SONAME): $(CLIENT_OBJECTS) $(PROTO_OBJECTS) client/libmanager.map
	$(CC) $(ALL_LDFLAGS) -shared -Wl,-soname,$(SONAME) -Wl,-z,nodelete -Wl,--version-script,client/libmanager.map \
		-o $@ $(CLIENT_OBJECTS) $(PROTO_OBJECTS) $(CLIENT_LIBS)

$(BUILD)/libmanager.so: $(BUILD)/$(SONAME)
	ln -sf $(SONAME) $@

# knows the library by its public header alone
$(BUILD)/managerctl: $(CTL_OBJECTS) $(BUILD)/libmanager.a
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(CLIENT_LIBS) $(call pkg_libs,jansson smartcols)
$(CTL_OBJECTS): ALL_CPPFLAGS += -Iclient $(call pkg_cflags,jansson smartcols)

$(BUILD)/examples/%: examples/%.c $(PUBLIC_HEADERS) $(BUILD)/libmanager.a
	@mkdir -p $(@D)
	$(CC) -Iclient -D_GNU_SOURCE -std=c11 $(C_WARNINGS) $(SANITIZE_FLAGS) $(CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(BUILD)/libmanager.a $(CLIENT_LIBS) $(EXAMPLE_LIBS)
$(BUILD)/examples/in_flight: EXAMPLE_LIBS = $(call pkg_libs,libuv)

$(OBJECTS)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $($(firstword $(subst /, ,$*))_CFLAGS) -MMD -MP -c -o $@ $<

# where the library looks for the daemon: built anew when that changes
$(OBJECTS)/client/start.o: $(OBJECTS)/bindir
$(OBJECTS)/bindir: FORCE
	@mkdir -p $(@D)
	@echo '$(BINDIR)' | cmp -s - $@ || echo '$(BINDIR)' >$@
.PHONY: FORCE
FORCE:

managerd_CFLAGS = $(call pkg_cflags,$(MSGPACK) libsodium libuv libseccomp)
proto_CFLAGS    = $(call pkg_cflags,$(MSGPACK) libsodium)
client_CFLAGS   = $(proto_CFLAGS) -pthread
tests_CFLAGS    = $(call pkg_cflags,$(MSGPACK) libsodium cmocka)

-include $(wildcard $(addprefix $(OBJECTS)/,proto/*.d managerd/*.d managerd/*/*.d client/*.d client/*/*.d tests/*/*.d))

# --- tests: `make test` is all of them

include tests/tests.mk
include tests/fuzz/fuzz.mk
include tests/bench/bench.mk

# --- packages of Debian, installed only where one is missing

BUILD_PACKAGES := gcc libc6-dev binutils pkg-config libmsgpack-dev uthash-dev libsodium-dev libuv1-dev libseccomp-dev linux-libc-dev libjansson-dev libsmartcols-dev
TEST_PACKAGES  := git g++ libcmocka-dev python3 python3-msgpack clang libclang-rt-14-dev valgrind
BENCH_PACKAGES := redis-server libhiredis-dev python3

.PHONY: build-packages test-packages bench-packages
build-packages:
	@tests/lib/install_packages.sh $(BUILD_PACKAGES)
test-packages:
	@tests/lib/install_packages.sh $(BUILD_PACKAGES) $(TEST_PACKAGES)
bench-packages:
	@tests/lib/install_packages.sh $(BUILD_PACKAGES) $(BENCH_PACKAGES)

# --- to see it at work

.PHONY: demo
demo: build-packages
	@echo "Building into $(BUILD)/ …"
	@$(MAKE) --no-print-directory -s all
	@examples/demo.sh $(BUILD)

# --- installing

.PHONY: install uninstall
install: all
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(INCLUDEDIR)/manager
	install -m 755 $(BUILD)/managerd $(DESTDIR)$(BINDIR)/managerd
	install -m 755 $(BUILD)/managerctl $(DESTDIR)$(BINDIR)/managerctl
	install -m 644 client/manager.h $(DESTDIR)$(INCLUDEDIR)/manager.h
	install -m 644 client/manager/*.h $(DESTDIR)$(INCLUDEDIR)/manager/
	install -m 644 $(BUILD)/libmanager.a $(DESTDIR)$(LIBDIR)/libmanager.a
	install -m 755 $(BUILD)/$(SONAME) $(DESTDIR)$(LIBDIR)/$(SONAME)
	ln -sf $(SONAME) $(DESTDIR)$(LIBDIR)/libmanager.so
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(VERSION)|' -e 's|@MSGPACK@|$(MSGPACK)|' \
		client/manager.pc.in > $(DESTDIR)$(LIBDIR)/pkgconfig/manager.pc

uninstall:
	rm -f $(DESTDIR)$(BINDIR)/managerd $(DESTDIR)$(BINDIR)/managerctl $(DESTDIR)$(INCLUDEDIR)/manager.h
	rm -f $(patsubst client/%,$(DESTDIR)$(INCLUDEDIR)/%,$(PUBLIC_HEADERS))
	-rmdir $(DESTDIR)$(INCLUDEDIR)/manager 2>/dev/null
	rm -f $(DESTDIR)$(LIBDIR)/libmanager.a $(DESTDIR)$(LIBDIR)/libmanager.so $(DESTDIR)$(LIBDIR)/$(SONAME)
	rm -f $(DESTDIR)$(LIBDIR)/pkgconfig/manager.pc

.PHONY: format clean
format:
	clang-format -i $$(git ls-files '*.c' '*.h' '*.cpp')

clean:
	rm -rf build
