/*
 * managerctl - look inside a running managerd, and change what it holds
 */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "client/managerctl/ctl.h"
#include "client/managerctl/help.h"

/*
 * Where a descriptor from 0 to 2 is closed, the connection to the daemon would get its
 * number, and the output would be sent there. stdout is opened so that writing fails.
 */
static int open_standard_files(void)
{
        for (int fd = 0; fd <= 2; ++fd) {
                if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
                        continue;
                if (open("/dev/null", fd == 2 ? O_WRONLY : O_RDONLY) != fd)
                        return -1;
        }
        return 0;
}

static int check_arguments(const struct command *command, const struct options *options)
{
        unsigned unknown = options->given & ~command->options;

        if (unknown)
                return ctl_misuse("%s has no option %s", command->name, option_name(unknown));
        if (options->n_args >= command->min_args && options->n_args <= command->max_args)
                return EXIT_DONE;
        return ctl_misuse("%s arguments; usage: managerctl %s %s",
                          options->n_args < command->min_args ? "too few" : "too many",
                          command->name, command->usage);
}

static int run(const struct command *command, struct ctl *ctl)
{
        int code;

        if (ctl->options->help)
                return help_command(command);
        code = check_arguments(command, ctl->options);
        if (code == EXIT_DONE && command->needs == COMMAND_CONNECTS)
                code = ctl_connect(ctl);
        if (code == EXIT_DONE)
                code = command->run(ctl);
        ctl_can_write(ctl); /* before anything else fails: why not, if not */
        ctl_disconnect(ctl);
        return code;
}

static int dispatch(struct ctl *ctl)
{
        const struct options *options = ctl->options;
        const struct command *command;

        if (options->version) {
                printf("managerctl %d.%d\n", MGR_VERSION_MAJOR, MGR_VERSION_MINOR);
                return EXIT_DONE;
        }
        if (!options->command) {
                if (options->help)
                        return help_all();
                return ctl_misuse("a command is wanted; managerctl help lists them");
        }
        command = command_find(options->command);
        return command ? run(command, ctl) : help_unknown(options->command);
}

int main(int argc, char **argv)
{
        struct options options;
        struct ctl ctl = { .options = &options };
        char why[300];
        int code, r;

        if (open_standard_files() < 0)
                return EXIT_SERVER;
        ctl.terminal = isatty(STDOUT_FILENO);
        /* names are UTF-8 whatever the locale; tables want widths */
        setlocale(LC_CTYPE, "C.UTF-8");
        r = options_read(&options, argc, argv, why, sizeof(why));
        if (r == 0)
                code = dispatch(&ctl);
        else
                code = r == -ENOMEM ? ctl_out_of_memory() : ctl_misuse("%s", why);
        options_deinit(&options);
        return ctl_finish(&ctl, code);
}
