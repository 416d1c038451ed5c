/*
 * test_config - the command line
 */
#include "managerd/config.h"

#include <string.h>

#include "managerd/version.h"
#include "tests/lib/cmocka.h"

#define MAX_ARGS 16

/* What a command line led to. */
struct outcome {
        struct config config;
        enum config_result result;
        char *out, *err;
};

static void outcome_deinit(struct outcome *outcome)
{
        free(outcome->out);
        free(outcome->err);
}

#define _outcome_cleanup_ __attribute__((cleanup(outcome_deinit)))

static struct outcome parse_all(const char *const *args)
{
        char *argv[MAX_ARGS + 2] = { strdup("managerd") };
        struct outcome outcome = { .out = NULL };
        size_t n_out, n_err;
        FILE *out = open_memstream(&outcome.out, &n_out);
        FILE *err = open_memstream(&outcome.err, &n_err);
        int argc = 1;

        for (; args[argc - 1]; ++argc)
                argv[argc] = strdup(args[argc - 1]);
        outcome.result = config_parse(&outcome.config, argc, argv, out, err);
        fclose(out);
        fclose(err);
        /* They pointed into argv. */
        outcome.config.server.socket_path = outcome.config.server.authkey_path = NULL;
        for (int i = 0; i < argc; ++i)
                free(argv[i]);
        return outcome;
}

#define parse(...) parse_all((const char *const[]){ __VA_ARGS__, NULL })

static void assert_wrong(const struct outcome *outcome, const char *word)
{
        assert_int_equal(outcome->result, CONFIG_WRONG);
        assert_string_equal(outcome->out, "");
        assert_non_null(strstr(outcome->err, word));
        assert_int_equal(outcome->err[strlen(outcome->err) - 1], '\n');
}

static void no_options_mean_the_defaults(void **state)
{
        _outcome_cleanup_ struct outcome o = parse_all((const char *const[]){ NULL });
        const struct limits *limits = &o.config.server.limits;

        (void)state;
        assert_int_equal(o.result, CONFIG_RUN);
        assert_string_equal(o.err, "");
        assert_int_equal(o.config.server.authkey_fd, -1);
        assert_int_equal(o.config.server.ready_fd, -1);
        assert_int_equal(o.config.server.follow_fd, -1);
        assert_int_equal(o.config.server.n_allowed_uids, 0);
        assert_int_equal(o.config.log_level, LOG_LEVEL_INFO);
        assert_true(limits->max_memory == UINT64_MAX);
        assert_int_equal(limits->max_frame, 64 << 20);
        assert_int_equal(limits->max_depth, 16);
        assert_int_equal(limits->max_queued, 8 << 20);
        assert_int_equal(limits->max_buffered, 2ull << 30);
        assert_int_equal(limits->max_clients, 10000);
        assert_int_equal(limits->max_unauthenticated, 1024);
        assert_int_equal(limits->max_unauthenticated_per_process, 64);
        assert_int_equal(limits->auth_timeout, 5000000000);
        assert_int_equal(limits->frame_timeout, 30000000000);
        assert_int_equal(limits->stall_timeout, 10000000000);
}

static void every_option_sets_its_own(void **state)
{
        _outcome_cleanup_ struct outcome numbers =
                parse("--max-memory", "1G", "--max-frame", "2M", "--max-queued=3k", "--max-depth",
                      "4", "--max-clients", "5", "--max-unauthenticated", "6",
                      "--max-unauthenticated-per-process", "7");
        _outcome_cleanup_ struct outcome others =
                parse("--auth-timeout", "0.25", "--frame-timeout", "8", "--stall-timeout", "9.5",
                      "--ready-fd", "10", "--follow-fd", "11", "--authkey-fd", "12", "--log-level",
                      "debug");
        const struct limits *limits = &numbers.config.server.limits;

        (void)state;
        assert_int_equal(numbers.result, CONFIG_RUN);
        assert_int_equal(limits->max_memory, 1 << 30);
        assert_int_equal(limits->max_frame, 2 << 20);
        assert_int_equal(limits->max_queued, 3 << 10);
        assert_int_equal(limits->max_depth, 4);
        assert_int_equal(limits->max_clients, 5);
        assert_int_equal(limits->max_unauthenticated, 6);
        assert_int_equal(limits->max_unauthenticated_per_process, 7);

        assert_int_equal(others.result, CONFIG_RUN);
        limits = &others.config.server.limits;
        assert_int_equal(limits->auth_timeout, 250000000);
        assert_int_equal(limits->frame_timeout, 8000000000);
        assert_int_equal(limits->stall_timeout, 9500000000);
        assert_int_equal(others.config.server.ready_fd, 10);
        assert_int_equal(others.config.server.follow_fd, 11);
        assert_int_equal(others.config.server.authkey_fd, 12);
        assert_int_equal(others.config.log_level, LOG_LEVEL_DEBUG);
}

static void paths_are_borrowed_from_the_command_line(void **state)
{
        char program[] = "managerd", a[] = "--socket", b[] = "/x/y", c[] = "--authkey=z";
        char *argv[] = { program, a, b, c, NULL };
        struct config config;

        (void)state;
        assert_int_equal(config_parse(&config, 4, argv, stdout, stderr), CONFIG_RUN);
        assert_ptr_equal(config.server.socket_path, b);
        assert_string_equal(config.server.authkey_path, "z");
}

static void users_can_be_allowed_one_after_the_other(void **state)
{
        _outcome_cleanup_ struct outcome o = parse("--allow-uid", "0", "--allow-uid", "1000");
        char program[] = "managerd", option[] = "--allow-uid=7";
        char *argv[SERVER_MAX_ALLOWED_UIDS + 3] = { program };
        struct config config;
        FILE *null = fopen("/dev/null", "w");

        (void)state;
        assert_int_equal(o.config.server.n_allowed_uids, 2);
        assert_int_equal(o.config.server.allowed_uids[0], 0);
        assert_int_equal(o.config.server.allowed_uids[1], 1000);

        for (int i = 1; i <= SERVER_MAX_ALLOWED_UIDS + 1; ++i)
                argv[i] = option;
        assert_int_equal(config_parse(&config, SERVER_MAX_ALLOWED_UIDS + 1, argv, null, null),
                         CONFIG_RUN);
        assert_int_equal(config_parse(&config, SERVER_MAX_ALLOWED_UIDS + 2, argv, null, null),
                         CONFIG_WRONG);
        fclose(null);
}

static void wrong_values_are_refused_with_what_was_expected(void **state)
{
        static const struct {
                const char *option, *value, *word;
        } rows[] = {
                { "--socket", "", "a path" },
                { "--max-frame", "", "a size" },
                { "--max-frame", "1T", "a size" },
                { "--max-frame", "1KK", "a size" },
                { "--max-frame", "1KB", "a size" },
                { "--max-frame", " 1K", "a size" },
                { "--max-frame", "-1K", "a size" },
                { "--max-frame", "+1K", "a size" },
                { "--max-frame", "K", "a size" },
                { "--max-frame", "0x400", "a size" },
                { "--max-frame", "1023", "from 1024" },
                { "--max-frame", "2G", "to 2147483647" },
                { "--max-memory", "1", "at least 1024" },
                { "--max-memory", "18446744073709551616", "a size" },
                { "--max-memory", "17179869184G", "a size" },
                { "--max-depth", "1", "from 2 to 62" },
                { "--max-depth", "63", "from 2 to 62" },
                { "--max-depth", "8K", "a number" },
                { "--max-clients", "0", "from 1" },
                { "--max-clients", "1.5", "a number" },
                { "--auth-timeout", "0", "seconds" },
                { "--auth-timeout", "-1", "seconds" },
                { "--auth-timeout", "inf", "seconds" },
                { "--auth-timeout", "nan", "seconds" },
                { "--auth-timeout", "1e3", "seconds" },
                { "--auth-timeout", "1.2.3", "seconds" },
                { "--auth-timeout", ".", "seconds" },
                { "--auth-timeout", "86401", "seconds" },
                { "--ready-fd", "-1", "descriptor" },
                { "--follow-fd", "2147483648", "descriptor" },
                { "--authkey-fd", "stdin", "descriptor" },
                { "--allow-uid", "root", "number of a user" },
                { "--allow-uid", "4294967295", "number of a user" },
                { "--log-level", "loud", "error, warning, info or debug" },
        };

        (void)state;
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
                _outcome_cleanup_ struct outcome o = parse(rows[i].option, rows[i].value);

                assert_wrong(&o, rows[i].word);
                assert_non_null(strstr(o.err, rows[i].option));
        }
}

static void extreme_values_are_accepted(void **state)
{
        static const char *const rows[][2] = {
                { "--max-frame", "2147483647" },
                { "--max-frame", "1024" },
                { "--max-memory", "18446744073709551615" },
                { "--max-memory", "17179869183G" },
                { "--max-depth", "62" },
                { "--auth-timeout", "0.001" },
                { "--auth-timeout", "86400" },
                { "--allow-uid", "4294967294" },
                { "--ready-fd", "2147483647" },
        };

        (void)state;
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
                _outcome_cleanup_ struct outcome o = parse(rows[i][0], rows[i][1]);

                assert_int_equal(o.result, CONFIG_RUN);
        }
}

static void what_is_no_option_is_refused(void **state)
{
        _outcome_cleanup_ struct outcome unknown = parse("--colour", "red");
        _outcome_cleanup_ struct outcome stray = parse("--max-depth", "3", "stray");
        _outcome_cleanup_ struct outcome missing = parse("--socket");
        _outcome_cleanup_ struct outcome flag = parse("--help=me");
        _outcome_cleanup_ struct outcome letter = parse("-x");

        (void)state;
        assert_wrong(&unknown, "--colour");
        assert_wrong(&stray, "stray");
        assert_wrong(&missing, "--socket needs a value");
        assert_wrong(&flag, "--help=me");
        assert_wrong(&letter, "-x");
}

static void sandbox_is_entered_unless_told_otherwise(void **state)
{
        _outcome_cleanup_ struct outcome by_default = parse("--log-level", "info");
        _outcome_cleanup_ struct outcome without = parse("--no-sandbox", "--max-clients", "5");
        _outcome_cleanup_ struct outcome wrong = parse("--no-sandbox=no");

        (void)state;
        assert_false(by_default.config.server.no_sandbox);
        assert_int_equal(without.result, CONFIG_RUN);
        assert_true(without.config.server.no_sandbox);
        assert_int_equal(without.config.server.limits.max_clients, 5);
        assert_wrong(&wrong, "--no-sandbox");
}

static void two_keys_exclude_each_other(void **state)
{
        _outcome_cleanup_ struct outcome o = parse("--authkey", "file", "--authkey-fd", "3");

        (void)state;
        assert_wrong(&o, "exclude each other");
}

static void help_shows_every_option_on_lines_that_fit(void **state)
{
        static const char *const options[] = {
                "--socket",
                "--authkey",
                "--authkey-fd",
                "--ready-fd",
                "--follow-fd",
                "--allow-uid",
                "--max-memory",
                "--max-frame",
                "--max-depth",
                "--max-clients",
                "--max-unauthenticated",
                "--max-unauthenticated-per-process",
                "--auth-timeout",
                "--frame-timeout",
                "--max-queued",
                "--stall-timeout",
                "--log-level",
                "--help",
                "--version",
        };
        _outcome_cleanup_ struct outcome o = parse("--help");

        (void)state;
        assert_int_equal(o.result, CONFIG_SHOWN);
        assert_string_equal(o.err, "");
        for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); ++i)
                assert_non_null(strstr(o.out, options[i]));
        for (char *line = strtok(o.out, "\n"); line; line = strtok(NULL, "\n"))
                assert_true(strlen(line) <= 100);
}

static void version_is_shown(void **state)
{
        _outcome_cleanup_ struct outcome o = parse("--version");

        (void)state;
        assert_int_equal(o.result, CONFIG_SHOWN);
        assert_string_equal(o.out, "managerd " MANAGERD_VERSION "\n");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(no_options_mean_the_defaults),
                cmocka_unit_test(every_option_sets_its_own),
                cmocka_unit_test(paths_are_borrowed_from_the_command_line),
                cmocka_unit_test(users_can_be_allowed_one_after_the_other),
                cmocka_unit_test(wrong_values_are_refused_with_what_was_expected),
                cmocka_unit_test(extreme_values_are_accepted),
                cmocka_unit_test(what_is_no_option_is_refused),
                cmocka_unit_test(sandbox_is_entered_unless_told_otherwise),
                cmocka_unit_test(two_keys_exclude_each_other),
                cmocka_unit_test(help_shows_every_option_on_lines_that_fit),
                cmocka_unit_test(version_is_shown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
