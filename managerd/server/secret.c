/*
 * secret - where the authkey comes from
 */
#include "managerd/server/secret.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "managerd/log.h"
#include "proto/status.h"

#define SECRET_DEFAULT_NAME "authkey"

static int secret_load(struct auth_key **out, const char *path)
{
        const char *why = "";
        int r = auth_key_load(out, path, &why);

        if (r < 0)
                log_error("%s: refused: %s", path, why);
        return r;
}

static int secret_make(struct auth_key **out, const char *path)
{
        struct auth_key *key;
        int r = auth_key_generate(&key);

        if (r < 0) {
                log_error("%s: %s", path, status_text(r));
                return r;
        }
        r = auth_key_save(key, path);
        if (r < 0) {
                log_error("%s: %s", path, strerror(errno));
                auth_key_free(key);
                return r;
        }
        log_info("%s: made, with a new key", path);
        *out = key;
        return 0;
}

static int secret_read(struct auth_key **out, int fd)
{
        int r = auth_key_read_fd(out, fd);

        if (r == -STATUS_VALUE)
                log_error("--authkey-fd: the key is empty");
        else if (r < 0)
                log_error("--authkey-fd: %s", status_text(r));
        close(fd);
        return r;
}

int secret_open(struct auth_key **out, const struct address *address, const char *path, int fd)
{
        struct stat st;
        char *beside;
        int r;

        if (fd >= 0)
                return secret_read(out, fd);
        if (path)
                return secret_load(out, path);

        beside = address_beside(address, SECRET_DEFAULT_NAME);
        if (!beside) {
                log_error("%s", status_text(-STATUS_NOMEM));
                return -STATUS_NOMEM;
        }
        if (lstat(beside, &st) < 0 && errno == ENOENT)
                r = secret_make(out, beside);
        else
                r = secret_load(out, beside);
        free(beside);
        return r;
}
