# fuzz: one program for each tests/fuzz/fuzz_*.c
#
# make fuzz               runs each for SECONDS (60), two at a time, and prints a table
# make fuzz ONLY=fuzz_x   that one alone
# make fuzz-keep          puts what was found into the kept corpus, as little as covers most
# make test-fuzz-here     the kept corpus once and 5 s of each: a part of `make test`
#
# All is built once more with clang into $(BUILD)/fuzz, where the growing corpora are,
# too, and what made a target crash: fuzz/<target>/.

FUZZ_CC       ?= clang
FUZZ_SECONDS  := 60
FUZZ_SANITIZE := fuzzer-no-link,address,undefined
# comparisons are not traced: that halves the speed, and inputs are built from the right words
FUZZ_CFLAGS   := -O2 -g -fno-sanitize-coverage=trace-cmp
FUZZ_TARGETS  := $(patsubst tests/fuzz/%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_PROGRAMS := $(addprefix $(BUILD)/programs/,$(FUZZ_TARGETS))

# what targets share: the rest of tests/fuzz, and of tests/lib what they use
FUZZ_SHARED := $(patsubst %.c,$(OBJECTS)/%.o,$(filter-out tests/fuzz/fuzz_%,$(sort $(wildcard tests/fuzz/*.c))) \
	tests/lib/scan_oracle.c tests/lib/engine_check.c tests/lib/queue_check.c tests/lib/wait_check.c)

# archives, so that what a target has no use for is not counted as uncovered
$(BUILD)/daemon.a: $(STATE_OBJECTS) $(PROTO_OBJECTS) $(FUZZ_SHARED)
$(BUILD)/client.a: $(CLIENT_OBJECTS) $(PROTO_OBJECTS)
$(BUILD)/daemon.a $(BUILD)/client.a:
	rm -f $@
	$(AR) rcs $@ $^

# the client and the daemon have names in common: a target is linked with one of them
FUZZ_CLIENT := $(BUILD)/programs/fuzz_frame $(BUILD)/programs/fuzz_pipe $(BUILD)/programs/fuzz_reply
$(FUZZ_CLIENT): FUZZ_SIDE = client
$(filter-out $(FUZZ_CLIENT),$(FUZZ_PROGRAMS)): FUZZ_SIDE = daemon
$(BUILD)/programs/fuzz_frame: FUZZ_WRAP = -Wl,--wrap=recv
$(BUILD)/programs/fuzz_reply: FUZZ_WRAP = -Wl,--wrap=recv,--wrap=send,--wrap=connect

$(FUZZ_PROGRAMS): $(BUILD)/programs/%: $(OBJECTS)/tests/fuzz/%.o $(BUILD)/daemon.a $(BUILD)/client.a
	@mkdir -p $(@D)
	$(CC) -fsanitize=fuzzer $(ALL_LDFLAGS) $(FUZZ_WRAP) -o $@ $< $(BUILD)/$(FUZZ_SIDE).a $(CLIENT_LIBS)

.SECONDARY: $(patsubst %,$(OBJECTS)/tests/fuzz/%.o,$(FUZZ_TARGETS))

.PHONY: fuzz-programs fuzz-build fuzz-here fuzz fuzz-keep test-fuzz-here
fuzz-programs: $(FUZZ_PROGRAMS)

fuzz-build:
	@command -v $(FUZZ_CC) >/dev/null || { \
		echo "Fuzzing needs $(FUZZ_CC): apt-get install --no-install-recommends clang libclang-rt-14-dev" >&2; exit 1; }
	@$(MAKE) --no-print-directory -s BUILD=$(BUILD)/fuzz CC=$(FUZZ_CC) CFLAGS='$(FUZZ_CFLAGS)' \
		SANITIZE=$(FUZZ_SANITIZE) fuzz-programs

RUN_FUZZ = $(PYTHON) tests/fuzz/run_fuzz.py --build $(BUILD)/fuzz
FUZZED   = $(if $(ONLY),$(ONLY),$(FUZZ_TARGETS))

# SECONDS counts only where the user gave it: bash has a variable of that name
fuzz: test-packages fuzz-build
	@$(RUN_FUZZ) --seconds $(if $(filter command line,$(origin SECONDS)),$(SECONDS),$(FUZZ_SECONDS)) $(FUZZED)

fuzz-keep: fuzz-build
	@$(RUN_FUZZ) --keep $(FUZZED)

test-fuzz-here: fuzz-build
	@$(RUN_FUZZ) --fresh --seconds 5 $(FUZZED)
