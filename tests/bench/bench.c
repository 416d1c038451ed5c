/*
 * bench - how fast, compared with what, and how sure
 *
 * Measures every contender at every work. The runs are interleaved: a round
 * gives each contender one short run, so what changes on the machine meanwhile
 * changes for all. Each round goes through them in another order, for who ran
 * before is noticed too: where the kernel left the server, what it learnt about
 * sleeping. Started from the root of the source tree.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/report.h"
#include "tests/bench/run.h"
#include "tests/bench/trial.h"

#define BENCH_MAX_CONTENDERS 32
#define BENCH_MAX_WORKS      64

#define BENCH_ROUNDS        15
#define BENCH_SECONDS       0.4
#define BENCH_QUICK_ROUNDS  3
#define BENCH_QUICK_SECONDS 0.05

struct options {
        const char *contenders; /* comma-separated; NULL: all */
        const char *works;
        const char *subject;
        const char *json;
        double seconds;
        unsigned n_rounds;
        bool check;
        bool quick;
};

struct bench {
        struct options options;
        const struct work *works[BENCH_MAX_WORKS];
        unsigned n_works;
        const struct contender *contenders[BENCH_MAX_CONTENDERS];
        void *servers[BENCH_MAX_CONTENDERS];
        char versions[BENCH_MAX_CONTENDERS][128];
        unsigned n_contenders;
        unsigned order[BENCH_MAX_CONTENDERS]; /* of the round that is under way */
        struct draw draw;                     /* for the orders: the same in every bench */
        struct workload workload;
        struct results results;
        struct trial_rows trials;
        char directory[64];
};

static void usage(FILE *out)
{
        fputs("usage: bench [options]\n"
              "  --rounds N        runs of each contender at each work (15)\n"
              "  --seconds S       length of a run (0.4)\n"
              "  --quick           3 rounds of 0.05 s: whether it works, not how fast\n"
              "  --only A,B        these contenders\n"
              "  --work A,B        these works and trials\n"
              "  --subject A       whose ratios to the others are shown (managerd)\n"
              "  --json FILE       results as JSON, too\n"
              "  --check           fail if a target is missed\n"
              "  --list            names of works, trials and contenders\n",
              out);
}

static void list(void)
{
        for (const struct work *work = bench_works; work->name; ++work)
                printf("work       %-14s %s\n", work->name, work->title);
        for (const struct trial *trial = bench_trials; trial->name; ++trial)
                printf("trial      %-14s %s%s\n", trial->name, trial->title,
                       trial->on_demand ? " (only where it is named)" : "");
        for (unsigned i = 0; bench_contenders[i]; ++i)
                printf("contender  %-14s %s\n", bench_contenders[i]->name,
                       bench_contenders[i]->title);
}

/* Whether a name stands in a comma-separated list. */
static bool names_contain(const char *names, const char *name)
{
        size_t size = strlen(name);

        while (names) {
                if (!strncmp(names, name, size) && (names[size] == ',' || !names[size]))
                        return true;
                names = strchr(names, ',');
                if (names)
                        ++names;
        }
        return false;
}

/* 0: go on, 1: done, negative: a wrong option. */
static int options_parse(struct options *options, int argc, char **argv)
{
        static const struct option longs[] = {
                { "rounds", required_argument, NULL, 'r' },
                { "seconds", required_argument, NULL, 's' },
                { "quick", no_argument, NULL, 'q' },
                { "only", required_argument, NULL, 'o' },
                { "work", required_argument, NULL, 'w' },
                { "subject", required_argument, NULL, 'u' },
                { "json", required_argument, NULL, 'j' },
                { "check", no_argument, NULL, 'c' },
                { "list", no_argument, NULL, 'l' },
                { "help", no_argument, NULL, 'h' },
                {},
        };
        int option;

        *options = (struct options){
                .subject = "managerd",
                .seconds = BENCH_SECONDS,
                .n_rounds = BENCH_ROUNDS,
        };
        while ((option = getopt_long(argc, argv, "h", longs, NULL)) >= 0) {
                switch (option) {
                case 'r':
                        options->n_rounds = (unsigned)strtoul(optarg, NULL, 10);
                        break;
                case 's':
                        options->seconds = strtod(optarg, NULL);
                        break;
                case 'q':
                        options->n_rounds = BENCH_QUICK_ROUNDS;
                        options->seconds = BENCH_QUICK_SECONDS;
                        options->quick = true;
                        break;
                case 'o':
                        options->contenders = optarg;
                        break;
                case 'w':
                        options->works = optarg;
                        break;
                case 'u':
                        options->subject = optarg;
                        break;
                case 'j':
                        options->json = optarg;
                        break;
                case 'c':
                        options->check = true;
                        break;
                case 'l':
                        list();
                        return 1;
                case 'h':
                        usage(stdout);
                        return 1;
                default:
                        return -1;
                }
        }
        if (optind < argc || !options->n_rounds || options->n_rounds > BENCH_MAX_ROUNDS ||
            !(options->seconds > 0))
                return -1;
        return 0;
}

static void bench_select_works(struct bench *bench)
{
        for (const struct work *work = bench_works; work->name; ++work) {
                if (bench->n_works == BENCH_MAX_WORKS)
                        break;
                if (!bench->options.works || names_contain(bench->options.works, work->name))
                        bench->works[bench->n_works++] = work;
        }
}

/* Start what was selected; what the machine lacks is left out. */
static int bench_start(struct bench *bench)
{
        for (unsigned i = 0; bench_contenders[i]; ++i) {
                const struct contender *contender = bench_contenders[i];
                void *server = NULL;
                int r = 0;

                if (bench->n_contenders == BENCH_MAX_CONTENDERS)
                        break;
                if (bench->options.contenders &&
                    !names_contain(bench->options.contenders, contender->name))
                        continue;
                if (contender->start)
                        r = contender->start(bench->directory, &server);
                if (r) {
                        fprintf(stderr, "bench: %s %s\n", contender->name,
                                r < 0 ? "does not start" : "is not there: left out");
                        if (r < 0)
                                return r;
                        continue;
                }
                bench->servers[bench->n_contenders] = server;
                bench->contenders[bench->n_contenders] = contender;
                if (contender->describe)
                        contender->describe(server, bench->versions[bench->n_contenders],
                                            sizeof(bench->versions[0]));
                ++bench->n_contenders;
                if (run_fill(contender, server, &bench->workload) < 0) {
                        fprintf(stderr, "bench: %s: cannot be filled\n", contender->name);
                        return -1;
                }
        }
        return 0;
}

static void bench_stop_last(struct bench *bench)
{
        unsigned last = --bench->n_contenders;

        if (bench->contenders[last]->stop)
                bench->contenders[last]->stop(bench->servers[last]);
}

static void bench_stop(struct bench *bench)
{
        while (bench->n_contenders)
                bench_stop_last(bench);
        if (bench->directory[0] && rmdir(bench->directory) < 0)
                fprintf(stderr, "bench: %s: %s\n", bench->directory, strerror(errno));
}

/* On a terminal one line that changes, else a line for each round. */
static void progress(const struct bench *bench, const struct work *work, unsigned round,
                     const struct contender *contender)
{
        if (isatty(STDERR_FILENO))
                fprintf(stderr, "\r\033[K%s: round %u of %u: %s", work->name, round + 1,
                        bench->options.n_rounds, contender->name);
        else if (contender == bench->contenders[bench->order[0]])
                fprintf(stderr, "%s: round %u of %u\n", work->name, round + 1,
                        bench->options.n_rounds);
}

static bool interrupted(void)
{
        const struct timespec now = {};
        sigset_t signals;

        sigemptyset(&signals);
        sigaddset(&signals, SIGINT);
        sigaddset(&signals, SIGTERM);
        return sigtimedwait(&signals, NULL, &now) > 0;
}

static void bench_shuffle(struct bench *bench)
{
        for (unsigned i = 0; i < bench->n_contenders; ++i)
                bench->order[i] = i;
        for (unsigned i = bench->n_contenders - 1; i > 0; --i) {
                unsigned j = (unsigned)(draw_next(&bench->draw) % (i + 1)), c = bench->order[i];

                bench->order[i] = bench->order[j];
                bench->order[j] = c;
        }
}

static int bench_round(struct bench *bench, unsigned w, unsigned round)
{
        const struct work *work = bench->works[w];

        bench_shuffle(bench);
        for (unsigned i = 0; i < bench->n_contenders; ++i) {
                unsigned c = bench->order[i];
                const struct contender *contender = bench->contenders[c];
                struct outcome outcome;
                int r;

                if (!contender_can(contender, work))
                        continue;
                progress(bench, work, round, contender);
                r = run_once(contender, bench->servers[c], work, &bench->workload,
                             bench->options.seconds, &outcome);
                if (r == RUN_INTERRUPTED || (!r && interrupted()))
                        return RUN_INTERRUPTED;
                if (r < 0) {
                        fprintf(stderr, "bench: %s failed at %s\n", contender->name, work->name);
                        return r;
                }
                cell_add(results_cell(&bench->results, w, c), &outcome);
        }
        return 0;
}

static int bench_measure(struct bench *bench)
{
        int r = 0;

        if (results_init(&bench->results, bench->works, bench->n_works, bench->contenders,
                         bench->n_contenders, bench->options.n_rounds) < 0)
                return -1;
        for (unsigned w = 0; !r && w < bench->n_works; ++w)
                for (unsigned round = 0; !r && round < bench->options.n_rounds; ++round)
                        r = bench_round(bench, w, round);
        if (isatty(STDERR_FILENO))
                fputs("\r\033[K", stderr);
        return r;
}

static int bench_report(struct bench *bench)
{
        const struct options *options = &bench->options;
        struct setting setting;
        FILE *file;

        setting_init(&setting, options->seconds, bench->versions);
        report_table(stdout, &setting, &bench->results, options->subject);
        trials_report(stdout, &bench->trials);
        if (options->json) {
                file = fopen(options->json, "we");
                if (!file) {
                        fprintf(stderr, "bench: %s: %s\n", options->json, strerror(errno));
                        return -1;
                }
                report_json(file, &setting, &bench->results, &bench->trials, options->subject);
                if (fclose(file))
                        return -1;
        }
        return options->check && report_missed(&bench->results) + trials_missed(&bench->trials) ? -1
                                                                                                : 0;
}

static bool bench_wants(const struct bench *bench, const struct trial *trial)
{
        if (bench->options.works)
                return names_contain(bench->options.works, trial->name);
        /* trials are about the subject, next to whom they choose */
        return !trial->on_demand && !bench->options.contenders;
}

static int bench_try(struct bench *bench)
{
        int r = 0;

        for (const struct trial *trial = bench_trials; !r && trial->name; ++trial) {
                if (!bench_wants(bench, trial))
                        continue;
                fprintf(stderr, "%s\n", trial->name);
                bench->trials.trial = trial->name;
                r = trial->run(bench->directory, bench->options.quick, &bench->trials);
                if (r < 0)
                        fprintf(stderr, "bench: the trial %s failed\n", trial->name);
                else if (interrupted())
                        r = RUN_INTERRUPTED;
        }
        return r;
}

static int bench_run(struct bench *bench)
{
        int r = bench->n_works ? bench_start(bench) : 0;

        if (!r && bench->n_works)
                r = bench_measure(bench);
        while (bench->n_contenders)
                bench_stop_last(bench);
        if (!r)
                r = bench_try(bench);
        if (!r && !bench->results.n_contenders && !bench->trials.n) {
                fprintf(stderr, "bench: nothing to measure: see --list\n");
                r = -1;
        }
        if (!r)
                r = bench_report(bench);
        bench_stop(bench);
        results_deinit(&bench->results);
        return r;
}

int main(int argc, char **argv)
{
        const char *place = getenv("TMPDIR");
        struct bench *bench = calloc(1, sizeof(*bench));
        sigset_t signals;
        int r;

        if (!bench)
                return EXIT_FAILURE;
        r = options_parse(&bench->options, argc, argv);
        if (r) {
                if (r < 0)
                        usage(stderr);
                free(bench);
                return r < 0 ? 2 : EXIT_SUCCESS;
        }

        sigemptyset(&signals);
        sigaddset(&signals, SIGINT);
        sigaddset(&signals, SIGTERM);
        sigaddset(&signals, SIGCHLD);
        sigprocmask(SIG_BLOCK, &signals, NULL);
        signal(SIGPIPE, SIG_IGN);

        bench_select_works(bench);
        workload_init(&bench->workload);
        draw_init(&bench->draw, 0);
        snprintf(bench->directory, sizeof(bench->directory), "%.40s/bench-XXXXXX",
                 place && *place ? place : "/tmp");
        if (!mkdtemp(bench->directory)) {
                fprintf(stderr, "bench: %s: %s\n", bench->directory, strerror(errno));
                free(bench);
                return EXIT_FAILURE;
        }
        r = bench_run(bench);
        free(bench);
        return r ? EXIT_FAILURE : EXIT_SUCCESS;
}
