/*
 * report - results for people and for programs
 */
#include "tests/bench/report.h"

#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#define NS_PER_US 1000.0

static void setting_read_cpu(char *text, size_t size)
{
        FILE *file = fopen("/proc/cpuinfo", "re");
        char line[256];

        snprintf(text, size, "unknown processor");
        while (file && fgets(line, sizeof(line), file)) {
                char *colon = strchr(line, ':');

                if (!colon || strncmp(line, "model name", strlen("model name")))
                        continue;
                snprintf(text, size, "%.*s", (int)strcspn(colon + 2, "\n"), colon + 2);
                break;
        }
        if (file)
                fclose(file);
}

void setting_init(struct setting *setting, double seconds, char (*versions)[128])
{
        struct utsname kernel;

        *setting = (struct setting){ .seconds = seconds, .versions = versions };
        setting_read_cpu(setting->cpu, sizeof(setting->cpu));
        setting->n_cpus = sysconf(_SC_NPROCESSORS_ONLN);
        if (!uname(&kernel))
                snprintf(setting->kernel, sizeof(setting->kernel), "%.40s %.60s %.20s",
                         kernel.sysname, kernel.release, kernel.machine);
#ifdef __clang__
        snprintf(setting->compiler, sizeof(setting->compiler), "%.60s", __VERSION__);
#else
        snprintf(setting->compiler, sizeof(setting->compiler), "GCC %.50s", __VERSION__);
#endif
}

/* 1234567 as "1,234,567". */
static const char *format_count(double number, char text[32])
{
        char digits[24];
        int n = snprintf(digits, sizeof(digits), "%.0f", number), at = 0;

        for (int i = 0; i < n; ++i) {
                if (i && (n - i) % 3 == 0)
                        text[at++] = ',';
                text[at++] = digits[i];
        }
        text[at] = '\0';
        return text;
}

static double cell_latency(const struct cell *cell, double part)
{
        return histogram_quantile(&cell->latency, part) / NS_PER_US;
}

static void table_row(FILE *out, const struct results *results, unsigned work, unsigned contender,
                      int subject)
{
        const struct cell *cell = results_cell(results, work, contender);
        const struct contender *who = results->contenders[contender];
        struct ratio ratio;
        char rate[32];

        if (!cell->n_rates)
                return;
        fprintf(out, "  %-28s %12s %10.2f %10.2f %10.2f",
                results->works[work]->n_tasks ? who->map_title : who->title,
                format_count(cell_median(cell), rate), cell_latency(cell, 0.5),
                cell_latency(cell, 0.99), cell_latency(cell, 0.999));
        if (subject >= 0 && (unsigned)subject != contender &&
            cell_compare(results_cell(results, work, (unsigned)subject), cell, &ratio))
                fprintf(out, "   %8.2f  (%.2f - %.2f)", ratio.median, ratio.least, ratio.greatest);
        fputc('\n', out);
}

static void table_targets(FILE *out, const struct results *results, unsigned work)
{
        for (const struct target *target = bench_targets; target->work; ++target) {
                struct ratio ratio;

                if (strcmp(target->work, results->works[work]->name) ||
                    !results_judge(results, work, target, &ratio))
                        continue;
                fprintf(out, "  wanted: %s >= %.2f x %s (its fastest); is %.2f: %s\n",
                        target->subject, target->least, target->family, ratio.median,
                        ratio.median >= target->least ? "reached" : "MISSED");
        }
}

void report_table(FILE *out, const struct setting *setting, const struct results *results,
                  const char *subject)
{
        int at = results_find(results, subject);
        char heading[64] = "";

        fprintf(out, "%s, %ld CPUs, %s, %s\n", setting->cpu, setting->n_cpus, setting->kernel,
                setting->compiler);
        for (unsigned i = 0; i < results->n_contenders; ++i)
                if (setting->versions[i][0])
                        fprintf(out, "%s: %s\n", results->contenders[i]->name,
                                setting->versions[i]);
        if (results->n_works)
                fprintf(out,
                        "%u rounds, in each every contender for %g s; medians; ratios are medians "
                        "of "
                        "the %u pairs (least - greatest)\n",
                        results->n_rounds, setting->seconds, results->n_rounds);

        if (at >= 0)
                snprintf(heading, sizeof(heading), "   %.20s / this", subject);
        for (unsigned w = 0; w < results->n_works; ++w) {
                fprintf(out, "\n%s\n  %-28s %12s %10s %10s %10s%s\n", results->works[w]->title, "",
                        results->works[w]->n_tasks ? "tasks/s" : "calls/s", "p50 us", "p99 us",
                        "p99.9 us", heading);
                for (unsigned c = 0; c < results->n_contenders; ++c)
                        table_row(out, results, w, c, at);
                table_targets(out, results, w);
        }
}

unsigned report_missed(const struct results *results)
{
        unsigned n = 0;

        for (unsigned w = 0; w < results->n_works; ++w) {
                for (const struct target *target = bench_targets; target->work; ++target) {
                        struct ratio ratio;

                        if (!strcmp(target->work, results->works[w]->name) &&
                            results_judge(results, w, target, &ratio) &&
                            ratio.median < target->least)
                                ++n;
                }
        }
        return n;
}

/* Everything we print is ASCII but what the system tells of itself: quote it. */
static void json_string(FILE *out, const char *text)
{
        fputc('"', out);
        for (; *text; ++text) {
                if (*text == '"' || *text == '\\')
                        fputc('\\', out);
                if ((unsigned char)*text >= ' ')
                        fputc(*text, out);
        }
        fputc('"', out);
}

static void json_field(FILE *out, const char *name, const char *text)
{
        fprintf(out, "\"%s\": ", name);
        json_string(out, text);
        fputs(", ", out);
}

static void json_ratio(FILE *out, const char *name, const struct ratio *ratio)
{
        fprintf(out, "\"%s\": { \"median\": %.4f, \"min\": %.4f, \"max\": %.4f }", name,
                ratio->median, ratio->least, ratio->greatest);
}

static void json_cell(FILE *out, const struct results *results, unsigned work, unsigned contender,
                      int subject)
{
        const struct cell *cell = results_cell(results, work, contender);
        struct ratio ratio;

        fprintf(out,
                "\n      \"%s\": { \"calls_per_second\": %.1f, \"p50_us\": %.3f, "
                "\"p99_us\": %.3f, \"p99_9_us\": %.3f, \"rates\": [",
                results->contenders[contender]->name, cell_median(cell), cell_latency(cell, 0.5),
                cell_latency(cell, 0.99), cell_latency(cell, 0.999));
        for (unsigned i = 0; i < cell->n_rates; ++i)
                fprintf(out, "%s%.1f", i ? ", " : "", cell->rates[i]);
        fputs("]", out);
        if (subject >= 0 && (unsigned)subject != contender &&
            cell_compare(results_cell(results, work, (unsigned)subject), cell, &ratio)) {
                fputs(", ", out);
                json_ratio(out, "subject_ratio", &ratio);
        }
        fputs(" }", out);
}

static void json_targets(FILE *out, const struct results *results)
{
        const char *separator = "";

        fputs("\n  ],\n  \"targets\": [", out);
        for (unsigned w = 0; w < results->n_works; ++w) {
                for (const struct target *target = bench_targets; target->work; ++target) {
                        struct ratio ratio;

                        if (strcmp(target->work, results->works[w]->name) ||
                            !results_judge(results, w, target, &ratio))
                                continue;
                        fprintf(out, "%s\n    { ", separator);
                        json_field(out, "work", target->work);
                        json_field(out, "subject", target->subject);
                        json_field(out, "family", target->family);
                        fprintf(out, "\"wanted\": %.2f, ", target->least);
                        json_ratio(out, "ratio", &ratio);
                        fprintf(out, ", \"reached\": %s }",
                                ratio.median >= target->least ? "true" : "false");
                        separator = ",";
                }
        }
        fputs("\n  ],\n", out);
}

static void json_work(FILE *out, const struct results *results, unsigned w, int subject)
{
        const struct work *work = results->works[w];
        const char *separator = "";

        fputs("\n    { ", out);
        json_field(out, "name", work->name);
        json_field(out, "title", work->title);
        fprintf(out, "\"workers\": %u, \"batch\": %u, ", work->n_workers, work->batch);
        if (work->n_tasks)
                fprintf(out, "\"tasks\": %u, \"chunk\": %u, ", work->n_tasks, work->chunk);
        fputs("\"contenders\": {", out);
        for (unsigned c = 0; c < results->n_contenders; ++c) {
                if (!results_cell(results, w, c)->n_rates)
                        continue;
                fputs(separator, out);
                json_cell(out, results, w, c, subject);
                separator = ",";
        }
        fputs("\n    } }", out);
}

void report_json(FILE *out, const struct setting *setting, const struct results *results,
                 const struct trial_rows *trials, const char *subject)
{
        int at = results_find(results, subject);

        fputs("{\n  \"machine\": { ", out);
        json_field(out, "cpu", setting->cpu);
        fprintf(out, "\"cpus\": %ld, ", setting->n_cpus);
        json_field(out, "kernel", setting->kernel);
        fputs("\"compiler\": ", out);
        json_string(out, setting->compiler);
        fputs(" },\n  \"versions\": { ", out);
        for (unsigned c = 0; c < results->n_contenders; ++c) {
                fprintf(out, "%s\"%s\": ", c ? ", " : "", results->contenders[c]->name);
                json_string(out, setting->versions[c]);
        }
        fputs(" },\n  ", out);
        json_field(out, "subject", subject);
        fprintf(out, "\"rounds\": %u, \"seconds\": %g,\n  \"works\": [", results->n_rounds,
                setting->seconds);
        for (unsigned w = 0; w < results->n_works; ++w) {
                if (w)
                        fputc(',', out);
                json_work(out, results, w, at);
        }
        json_targets(out, results);
        trials_report_json(out, trials);
        fputs("\n}\n", out);
}
