# bench: managerd next to its peers; see tests/bench/works.c for what is measured
#
# make bench [BENCHFLAGS="--quick --json FILE"]

BENCH_SOURCES := $(filter-out tests/bench/engine_get.c,$(sort $(wildcard tests/bench/*.c)))
BENCH_OBJECTS := $(patsubst %.c,$(OBJECTS)/%.o,$(BENCH_SOURCES) tests/lib/colliding.c)

$(BENCH_OBJECTS) $(OBJECTS)/tests/bench/engine_get.o: tests_CFLAGS = $(call pkg_cflags,hiredis) -Iclient

$(BUILD)/bench: $(BENCH_OBJECTS) $(BUILD)/libmanager.a
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(CLIENT_LIBS) $(call pkg_libs,hiredis)

# what a get costs inside the engine: frame in to reply out, no I/O
$(BUILD)/engine_get: $(OBJECTS)/tests/bench/engine_get.o $(STATE_OBJECTS) $(PROTO_OBJECTS)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(DAEMON_LIBS)

.PHONY: bench bench-here
bench: bench-packages
	@$(MAKE) --no-print-directory -s bench-here

bench-here: $(BUILD)/managerd $(BUILD)/bench $(BUILD)/engine_get
	@$(BUILD)/engine_get
	@MANAGERD=$(BUILD)/managerd $(BUILD)/bench $(BENCHFLAGS)
