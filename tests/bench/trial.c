/*
 * trial - a question whose answer is not a rate
 */
#include "tests/bench/trial.h"

#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

const struct trial bench_trials[] = {
        { "memory", "resident memory of a million entries of short strings", false, trial_memory },
        { "memory-10M", "the same with ten million", true, trial_memory_large },
        { "collisions", "keys that collide under uthash's default hash", false, trial_collisions },
        { "stalls", "a client's calls while another's dict of ten million comes and goes", false,
          trial_stalls },
        {},
};

static struct trial_row *rows_add(struct trial_rows *rows, double value, const char *unit,
                                  double most)
{
        struct trial_row *row = &rows->rows[rows->n];

        if (rows->n + 1 < TRIAL_MAX_ROWS)
                ++rows->n;
        *row = (struct trial_row){
                .trial = rows->trial, .unit = unit, .value = value, .most = most
        };
        return row;
}

void trial_tell(struct trial_rows *rows, double value, const char *unit, const char *format, ...)
{
        struct trial_row *row = rows_add(rows, value, unit, 0);
        va_list args;

        va_start(args, format);
        vsnprintf(row->what, sizeof(row->what), format, args);
        va_end(args);
}

void trial_demand(struct trial_rows *rows, double value, const char *unit, double most,
                  const char *format, ...)
{
        struct trial_row *row = rows_add(rows, value, unit, most);
        va_list args;

        va_start(args, format);
        vsnprintf(row->what, sizeof(row->what), format, args);
        va_end(args);
}

static bool row_is_missed(const struct trial_row *row)
{
        return row->most > 0 && !(row->value <= row->most);
}

unsigned trials_missed(const struct trial_rows *rows)
{
        unsigned n = 0;

        for (unsigned i = 0; i < rows->n; ++i)
                n += row_is_missed(&rows->rows[i]);
        return n;
}

void trials_report(FILE *out, const struct trial_rows *rows)
{
        const char *last = "";

        for (unsigned i = 0; i < rows->n; ++i) {
                const struct trial_row *row = &rows->rows[i];

                for (const struct trial *trial = bench_trials; trial->name; ++trial)
                        if (!strcmp(trial->name, row->trial) && strcmp(last, row->trial))
                                fprintf(out, "\n%s\n", trial->title);
                last = row->trial;
                fprintf(out, "  %-72s %10.2f %s", row->what, row->value, row->unit);
                if (row->most > 0)
                        fprintf(out, "; wanted: at most %.2f: %s", row->most,
                                row_is_missed(row) ? "MISSED" : "reached");
                fputc('\n', out);
        }
}

/* All text of rows is ours: nothing in it needs an escape. */
void trials_report_json(FILE *out, const struct trial_rows *rows)
{
        fputs("  \"trials\": [", out);
        for (unsigned i = 0; i < rows->n; ++i) {
                const struct trial_row *row = &rows->rows[i];

                fprintf(out,
                        "%s\n    { \"trial\": \"%s\", \"what\": \"%s\", \"unit\": \"%s\", "
                        "\"value\": %.4f",
                        i ? "," : "", row->trial, row->what, row->unit, row->value);
                if (row->most > 0)
                        fprintf(out, ", \"most\": %.4f, \"reached\": %s", row->most,
                                row_is_missed(row) ? "false" : "true");
                fputs(" }", out);
        }
        fputs("\n  ]", out);
}

size_t process_memory(pid_t pid)
{
        char path[64], line[128];
        size_t kib = 0;
        FILE *file;

        snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
        file = fopen(path, "re");
        while (file && fgets(line, sizeof(line), file) && sscanf(line, "VmRSS: %zu", &kib) != 1)
                ;
        if (file)
                fclose(file);
        return kib * 1024;
}

double process_cpu(pid_t pid)
{
        struct timespec now = {};
        clockid_t clock;

        if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &now) < 0)
                return 0;
        return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

double machine_stolen(void)
{
        unsigned long long stolen = 0;
        FILE *file = fopen("/proc/stat", "re");

        if (file && fscanf(file, "cpu %*u %*u %*u %*u %*u %*u %*u %llu", &stolen) != 1)
                stolen = 0;
        if (file)
                fclose(file);
        return (double)stolen / (double)sysconf(_SC_CLK_TCK);
}

void pause_ms(unsigned ms)
{
        const struct timespec pause = { ms / 1000, (long)(ms % 1000) * 1000000 };

        nanosleep(&pause, NULL);
}
