/*
 * status - every error there is, once
 */
#include "proto/status.h"

static const struct {
        enum status status;
        const char *wire;
        const char *text;
} status_table[] = {
#define STATUS_ROW(name, number, wire, text) { STATUS_##name, wire, text },
        STATUS_LIST(STATUS_ROW)
#undef STATUS_ROW
};

#define N_STATUS (sizeof(status_table) / sizeof(status_table[0]))

/* Either sign will do; and of the smallest int there is no other one. */
static bool is_status(int status, size_t i)
{
        int known = (int)status_table[i].status;

        return status == known || status == -known;
}

const char *status_wire_name(int status)
{
        for (size_t i = 0; i < N_STATUS; ++i)
                if (is_status(status, i))
                        return status_table[i].wire;
        return "";
}

const char *status_text(int status)
{
        if (status == STATUS_OK)
                return "done";
        for (size_t i = 0; i < N_STATUS; ++i)
                if (is_status(status, i))
                        return status_table[i].text;
        return "unknown error";
}

enum status status_from_wire_name(struct span name)
{
        for (size_t i = 0; i < N_STATUS; ++i)
                if (name.size && span_equal(name, span_of_cstr(status_table[i].wire)))
                        return status_table[i].status;
        return STATUS_REMOTE;
}
