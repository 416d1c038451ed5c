# tests: what `make test` runs
#
#   tests/unit/     test_*.c    one program a module, linked with all objects but the servers' main
#                   check_*.py  comparisons with CPython, through tools built from *_tool.c
#   tests/system/   test_*.c, test_*.cpp, test_*.py   a real daemon and real clients
#   tests/cli/      test_*.py   managerctl against a real daemon
#   tests/chaos/    one program: many workers, and one is killed every moment
#   tests/check_*   the rules of the house: layers, headers, symbols, documentation
#
# make test           everything, plain and under ASan+UBSan, the client under TSan and valgrind;
#                     fuzzing, a little
# make test-quick     everything plain
# make soak           SECONDS=60: chaos for so long, plain and sanitized; a million objects of each type

# what stands before the C library: not for sanitizers, who stand there themselves
SHIMS        := fail_alloc faulty_io
VALGRIND_SHIM := $(BUILD)/tests/lib/under_valgrind.so
FAULT_SHIMS  := $(SHIMS:%=$(BUILD)/tests/lib/%.so)
FAULT_TESTS  := $(BUILD)/tests/faults/test_alloc_client
FAULT_SCRIPTS := $(sort $(wildcard tests/faults/test_*.py))
UNIT_TESTS   := $(patsubst %.c,$(BUILD)/%,$(sort $(wildcard tests/unit/test_*.c)))
UNIT_TOOLS   := $(patsubst %.c,$(BUILD)/%,$(sort $(wildcard tests/unit/*_tool.c)))
UNIT_SCRIPTS := $(sort $(wildcard tests/unit/check_*.py))
SYSTEM_TESTS := $(patsubst %.c,$(BUILD)/%,$(sort $(wildcard tests/system/test_*.c)))
CXX_TESTS    := $(patsubst %.cpp,$(BUILD)/%,$(sort $(wildcard tests/system/test_*.cpp)))
SYSTEM_SCRIPTS := $(sort $(wildcard tests/system/test_*.py))
CHAOS        := $(BUILD)/tests/chaos/chaos
CLI_SCRIPTS  := $(sort $(wildcard tests/cli/test_*.py))
CHECKS       := $(sort $(wildcard tests/check_*.sh tests/check_*.py))
TEST_LIB     := $(patsubst %.c,$(OBJECTS)/%.o,$(sort $(filter-out $(SHIMS:%=tests/lib/%.c) tests/lib/under_valgrind.c,$(wildcard tests/lib/*.c))))

# everything of the daemon but main(), to be linked into unit tests
TESTED_OBJECTS = $(filter-out $(OBJECTS)/managerd/main.o,$(SERVER_OBJECTS)) $(STATE_OBJECTS) $(PROTO_OBJECTS)

$(BUILD)/tests/unit/test_client_%: $(OBJECTS)/tests/unit/test_client_%.o $(BUILD)/libmanager.a
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(CLIENT_LIBS) $(call pkg_libs,cmocka)

$(BUILD)/tests/unit/%: $(OBJECTS)/tests/unit/%.o $(TEST_LIB) $(TESTED_OBJECTS)
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(DAEMON_LIBS) $(call pkg_libs,cmocka)

$(BUILD)/tests/system/%: $(OBJECTS)/tests/system/%.o $(BUILD)/libmanager.a
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(CLIENT_LIBS) $(call pkg_libs,cmocka)

$(CHAOS): $(patsubst %.c,$(OBJECTS)/%.o,$(wildcard tests/chaos/*.c)) $(BUILD)/libmanager.a
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(CLIENT_LIBS)

$(FAULT_SHIMS) $(VALGRIND_SHIM): $(BUILD)/%.so: $(OBJECTS)/%.o
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -shared -o $@ $^

$(FAULT_TESTS): $(patsubst %.c,$(OBJECTS)/%.o,$(wildcard tests/faults/*.c)) $(OBJECTS)/tests/lib/fail_alloc.o $(BUILD)/libmanager.a
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(CLIENT_LIBS)

$(CXX_TESTS): $(BUILD)/%: %.cpp $(PUBLIC_HEADERS) $(BUILD)/libmanager.a
	@mkdir -p $(@D)
	$(CXX) -std=c++11 -Iclient $(WARNINGS) $(SANITIZE_FLAGS) $(CXXFLAGS) $(ALL_LDFLAGS) -o $@ $< $(BUILD)/libmanager.a $(CLIENT_LIBS)

# the system tests and examples as users of the shared library, whose calls can be told from theirs
FAULTS         := $(BUILD)/faults
LINK_SHARED     = -L$(BUILD) -lmanager -Wl,-rpath,$(abspath $(BUILD)) $(CLIENT_LIBS)
SHARED_TESTS   := $(SYSTEM_TESTS:$(BUILD)/%=$(FAULTS)/%)
SHARED_EXAMPLES := $(EXAMPLES:$(BUILD)/%=$(FAULTS)/%)

$(SHARED_TESTS): $(FAULTS)/tests/system/%: $(OBJECTS)/tests/system/%.o $(BUILD)/libmanager.so
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $< $(LINK_SHARED) $(call pkg_libs,cmocka)

$(SHARED_EXAMPLES): $(FAULTS)/examples/%: examples/%.c $(PUBLIC_HEADERS) $(BUILD)/libmanager.so
	@mkdir -p $(@D)
	$(CC) -Iclient -D_GNU_SOURCE -std=c11 $(C_WARNINGS) $(CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(LINK_SHARED) $(EXAMPLE_LIBS)
$(FAULTS)/examples/in_flight: EXAMPLE_LIBS = $(call pkg_libs,libuv)

$(FAULTS)/libmanager.%: $(BUILD)/libmanager.%
	@mkdir -p $(@D)
	ln -sf $(abspath $<) $@

.SECONDARY: $(patsubst $(BUILD)/%,$(OBJECTS)/%.o,$(UNIT_TESTS) $(UNIT_TOOLS) $(SYSTEM_TESTS)) $(TEST_LIB)

RUN_TESTS = CHAOS_SECONDS=$(if $(SANITIZE),5,15) ASAN_OPTIONS=allocator_may_return_null=1:$$ASAN_OPTIONS TEST_CFLAGS='$(SANITIZE_FLAGS)' MANAGERD=$(abspath $(BUILD))/managerd BUILD=$(abspath $(BUILD)) \
	$(PYTHON) tests/lib/run_tests.py

.PHONY: test-faults-here test-build test-all-here test-threads-here test-quick test
test-build: all $(UNIT_TESTS) $(UNIT_TOOLS) $(SYSTEM_TESTS) $(CXX_TESTS) $(CHAOS)

test-all-here: test-build
	@$(RUN_TESTS) --title "$(if $(SANITIZE),sanitized,plain)" \
		$(CHAOS) $(UNIT_TESTS) $(UNIT_SCRIPTS) $(SYSTEM_TESTS) $(CXX_TESTS) $(SYSTEM_SCRIPTS) $(CLI_SCRIPTS) \
		$(if $(SANITIZE),,$(CHECKS))

# every allocation fails once; then the system tests where system calls fail and stop halfway
test-faults-here: all $(FAULT_SHIMS) $(FAULT_TESTS) $(SHARED_TESTS) $(SHARED_EXAMPLES) $(FAULTS)/libmanager.a $(FAULTS)/libmanager.so
	@$(RUN_TESTS) --title "memory that runs out" $(FAULT_TESTS) $(FAULT_SCRIPTS)
	@MANAGERD=$(abspath $(BUILD))/managerd BUILD=$(abspath $(FAULTS)) $(PYTHON) tests/lib/run_tests.py \
		--title "faulty system calls" --faulty-io $(BUILD)/tests/lib/faulty_io.so $(SHARED_TESTS) $(SYSTEM_SCRIPTS)

# the client library under threads, with a daemon that is not slowed down
test-threads-here: $(SYSTEM_TESTS)
	@MANAGERD=$(CURDIR)/build/managerd BUILD=$(CURDIR)/$(BUILD) $(PYTHON) tests/lib/run_tests.py \
		--title threads $^

# the client library under valgrind: its tests but those that measure time, limit descriptors (of
# which valgrind has some of its own), or make so many rounds that it takes minutes
VALGRIND_TESTS := $(patsubst %,$(BUILD)/tests/system/test_%,client objects handles batch array cell set namespace \
	queue locks sync conditions semaphores shared shared_cell shared_count shared_lock shared_memory fork family \
	spawn spawn_others process pool pool_values pool_callbacks pool_imap pool_serve served_pool served_removed function pipe pipe_strangers parcel wait calls calls_ends calls_hostile refused)

.PHONY: test-valgrind-here
test-valgrind-here: $(VALGRIND_TESTS) $(VALGRIND_SHIM) $(BUILD)/managerd
	@MANAGERD=$(abspath $(BUILD))/managerd $(PYTHON) tests/lib/run_valgrind.py --shim $(VALGRIND_SHIM) $(VALGRIND_TESTS)

SOAK_SECONDS = $(if $(filter command line,$(origin SECONDS)),$(SECONDS),60)

.PHONY: soak-here soak
soak-here: all $(CHAOS)
	MANAGERD=$(abspath $(BUILD))/managerd $(CHAOS) $(SOAK_SECONDS)
	MANAGERD=$(abspath $(BUILD))/managerd $(PYTHON) tests/system/test_churn.py $(if $(SANITIZE),10000,1000000)

soak: test-packages
	@$(MAKE) --no-print-directory -s SANITIZE= soak-here
	@$(MAKE) --no-print-directory -s SANITIZE=address,undefined soak-here

test-quick:
	@$(MAKE) --no-print-directory -s SANITIZE= test-all-here

test: test-packages
	@$(MAKE) --no-print-directory -s SANITIZE= test-all-here
	@$(MAKE) --no-print-directory -s SANITIZE= test-faults-here
	@$(MAKE) --no-print-directory -s SANITIZE=address,undefined test-all-here
	@$(MAKE) --no-print-directory -s SANITIZE=thread test-threads-here
	@$(MAKE) --no-print-directory -s SANITIZE= test-valgrind-here
	@$(MAKE) --no-print-directory -s SANITIZE= test-fuzz-here
