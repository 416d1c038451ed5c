/*
 * content - the whole of an object, as far as --limit lets it
 *
 * Whether a dict can be a JSON object is known when all its keys are: so some pages are kept
 * until then. What is behind them is read twice, first for its keys, so that memory stays
 * bounded and how a dict is written does not depend on its size.
 */
#include "client/managerctl/content.h"

#include <stdlib.h>

#include "client/managerctl/json.h"
#include "client/managerctl/pages.h"
#include "client/managerctl/show.h"
#include "client/managerctl/table.h"

#define LIMIT_DEFAULT 1000 /* of what people look at */
#define MAX_KEPT      16   /* pages, of 1 MiB each where no single entry is bigger */

struct content {
        struct ctl *ctl;
        struct pages pages;
        size_t n;     /* elements shown, or kept to be shown */
        size_t limit; /* and how many at most */
        bool object;  /* a dict as a JSON object */
        bool begun;   /* an element stands in front */
        mgr_value *kept;
        size_t n_kept; /* pages */
        struct table *table;
};

static bool has_more(const struct content *content)
{
        return content->pages.more && content->n < content->limit;
}

static int next_page(struct content *content, mgr_value *page)
{
        int r = pages_next(&content->pages, content->limit - content->n, page);

        if (r < 0)
                return ctl_fail(r);
        content->n += mgr_value_len(page);
        if (mgr_value_len(page) > 0 || !content->pages.more)
                return EXIT_DONE;
        mgr_value_clear(page);
        return ctl_strange(); /* who promises more and sends nothing would keep us here */
}

/* --- one element */

static int write_json_entry(struct content *content, const mgr_value *key, const mgr_value *value)
{
        int r;

        if (content->object && !json_is_key(key)) {
                ctl_say("somebody changed the dict meanwhile: now there are keys beside str");
                return EXIT_SERVER;
        }
        fputs(content->object ? "" : "[", stdout);
        r = json_write(stdout, key);
        fputs(content->object ? ": " : ", ", stdout);
        if (r == 0)
                r = json_write(stdout, value);
        fputs(content->object ? "" : "]", stdout);
        return r < 0 ? ctl_fail(r) : EXIT_DONE;
}

static int show_element(struct content *content, const mgr_value *element)
{
        mgr_value key, value;
        int r;

        if (content->pages.dict && !pages_entry(element, &key, &value))
                return ctl_strange();
        if (content->table) {
                char *cells[] = { show_as_text(show_value, &key),
                                  show_as_text(show_value, &value) };

                return table_add(content->table, cells) < 0 ? ctl_out_of_memory() : EXIT_DONE;
        }
        if (content->ctl->options->json) {
                fputs(content->begun ? ", " : "", stdout);
                content->begun = true;
                if (content->pages.dict)
                        return write_json_entry(content, &key, &value);
                r = json_write(stdout, element);
        } else {
                r = show_value(stdout, element);
                putchar('\n');
        }
        return r < 0 ? ctl_fail(r) : EXIT_DONE;
}

static int show_page(struct content *content, const mgr_value *page)
{
        int code = EXIT_DONE;
        mgr_value element;
        mgr_iter iter;

        if (mgr_iter_init(&iter, page) < 0)
                return ctl_strange();
        while (code == EXIT_DONE && mgr_iter_next(&iter, &element))
                code = show_element(content, &element);
        return code;
}

/* --- a dict's keys, before it is written */

/* Whether the entries of a page may stand in a JSON object. */
static bool are_members(const mgr_value *page)
{
        mgr_value element, key, value;
        mgr_iter iter;

        if (mgr_iter_init(&iter, page) < 0)
                return false;
        while (mgr_iter_next(&iter, &element))
                if (!pages_entry(&element, &key, &value) || !json_is_key(&key))
                        return false;
        return true;
}

/* Whether the one entry of a page, all that there is, would look like a tag. */
static bool is_tag(const mgr_value *page)
{
        mgr_value element, key, value;

        return mgr_value_at(page, 0, &element) == 0 && pages_entry(&element, &key, &value) &&
               mgr_cstr(&key)[0] == '$';
}

static int keep_pages(struct content *content)
{
        int code = EXIT_DONE;

        while (code == EXIT_DONE && has_more(content) && content->n_kept < MAX_KEPT) {
                mgr_value *kept =
                        realloc(content->kept, (content->n_kept + 1) * sizeof(*content->kept));

                if (!kept)
                        return ctl_out_of_memory();
                content->kept = kept;
                code = next_page(content, &kept[content->n_kept]);
                if (code != EXIT_DONE)
                        break;
                content->object = content->object && are_members(&kept[content->n_kept]);
                ++content->n_kept;
        }
        if (content->n == 1 && !has_more(content) && is_tag(&content->kept[content->n_kept - 1]))
                content->object = false;
        return code;
}

/* Looks at the keys behind the pages that are kept, and goes back there. */
static int look_ahead(struct content *content)
{
        const size_t n = content->n;
        int code = EXIT_DONE, r;
        mgr_value cursor, page;

        r = mgr_value_copy(&content->pages.cursor, &cursor);
        if (r < 0)
                return ctl_fail(r);
        while (code == EXIT_DONE && content->object && has_more(content)) {
                code = next_page(content, &page);
                if (code != EXIT_DONE)
                        break;
                content->object = are_members(&page);
                mgr_value_clear(&page);
        }
        pages_go_back(&content->pages, &cursor);
        content->n = n;
        return code;
}

static int look_at_keys(struct content *content)
{
        int code;

        content->object = true;
        code = keep_pages(content);
        if (code == EXIT_DONE && has_more(content))
                code = look_ahead(content);
        return code;
}

/* --- all of it */

static int show_pages(struct content *content)
{
        int code = EXIT_DONE;

        for (size_t i = 0; code == EXIT_DONE && i < content->n_kept; ++i)
                code = show_page(content, &content->kept[i]);
        while (code == EXIT_DONE && has_more(content) && ctl_can_write(content->ctl)) {
                mgr_value page;

                code = next_page(content, &page);
                if (code != EXIT_DONE)
                        break;
                code = show_page(content, &page);
                mgr_value_clear(&page);
        }
        return code;
}

static int show_json(struct content *content)
{
        const char *begin = "[", *end = "]";
        int code = EXIT_DONE;

        if (content->pages.dict) {
                code = look_at_keys(content);
                begin = content->object ? "{" : "{\"$dict\": [";
                end = content->object ? "}" : "]}";
        } else if (content->pages.set) {
                begin = "{\"$set\": [";
                end = "]}";
        }
        if (code != EXIT_DONE)
                return code;
        fputs(begin, stdout);
        code = show_pages(content);
        if (code == EXIT_DONE)
                puts(end);
        return code;
}

static int show_plain(struct content *content)
{
        static const struct column columns[] = { { "KEY", false }, { "VALUE", false } };
        int code;

        if (content->pages.dict) {
                content->table = table_new(columns, 2, content->ctl->terminal);
                if (!content->table)
                        return ctl_out_of_memory();
        }
        code = show_pages(content);
        if (content->table && table_end(content->table) < 0 && code == EXIT_DONE)
                code = ctl_out_of_memory();
        return code;
}

/* What the limit left out. */
static void tell_rest(const struct content *content)
{
        size_t total;

        if (!content->pages.more || pages_total(&content->pages, &total) < 0 || total <= content->n)
                return;
        ctl_say("%zu of %zu shown; --limit N shows more, --limit 0 all", content->n, total);
}

static int show_whole(const struct ctl *ctl, const mgr_proxy *proxy)
{
        mgr_value value;
        int code, r;

        r = mgr_proxy_value(proxy, &value);
        /* a lock, and what else has no value that could be sent, is shown as Python would */
        if (r == MGR_ETYPE && !ctl->options->json)
                r = mgr_proxy_call(proxy, "__str__", NULL, 0, &value);
        if (r < 0)
                return ctl_fail(r);
        code = show_result(ctl->options->json, &value);
        mgr_value_clear(&value);
        return code;
}

/* A program gets all that there is, unless it asks for less. */
static size_t limit_of(const struct ctl *ctl)
{
        if (ctl->options->given & OPTION_LIMIT)
                return ctl->options->limit;
        return ctl->terminal && !ctl->options->json ? LIMIT_DEFAULT : LIMIT_NONE;
}

int content_show(struct ctl *ctl, const mgr_proxy *proxy)
{
        struct content content = { .ctl = ctl, .limit = limit_of(ctl) };
        int code, r;

        r = pages_init(&content.pages, proxy);
        if (r < 0)
                return ctl_fail(r);
        if (r == 0)
                return show_whole(ctl, proxy);
        code = ctl->options->json ? show_json(&content) : show_plain(&content);
        if (code == EXIT_DONE)
                tell_rest(&content);
        for (size_t i = 0; i < content.n_kept; ++i)
                mgr_value_clear(&content.kept[i]);
        free(content.kept);
        table_free(content.table);
        pages_deinit(&content.pages);
        return code;
}
