/*
 * records - lists of dicts, shown as tables or JSON
 */
#include "client/managerctl/records.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>

#include "client/managerctl/argument.h"
#include "client/managerctl/json.h"
#include "client/managerctl/show.h"
#include "client/managerctl/table.h"
#include "client/managerctl/text.h"

#define MAX_COLUMNS    32
#define MAX_TITLE_SIZE 32

struct records {
        const struct ctl *ctl;
        const char *const *first; /* borrowed: columns that stand in front */
        size_t n;                 /* records shown so far */
        struct table *table;      /* made with the first record, which tells the columns */
        size_t n_columns;
        char keys[MAX_COLUMNS][MAX_TITLE_SIZE];
};

/* --- JSON */

static bool is_ident(const mgr_value *key, const mgr_value *value)
{
        return (value->kind == MGR_KIND_INT || value->kind == MGR_KIND_UINT) &&
               key->kind == MGR_KIND_STR && strcmp(mgr_cstr(key), "ident") == 0;
}

/* A field is no value that somebody stored: tuples are lists, and numbers numbers. */
static int write_field(const mgr_value *key, const mgr_value *value)
{
        const char *separator = "[";
        mgr_value element;
        mgr_iter iter;
        int r;

        if (is_ident(key, value) || value->kind == MGR_KIND_UINT) {
                printf(is_ident(key, value) ? "\"%" PRIu64 "\"" : "%" PRIu64, value->as.uinteger);
                return 0;
        }
        if (value->kind != MGR_KIND_TUPLE)
                return json_write(stdout, value);
        r = mgr_iter_init(&iter, value);
        while (r == 0 && mgr_iter_next(&iter, &element)) {
                fputs(separator, stdout);
                separator = ", ";
                r = json_write(stdout, &element);
        }
        fputs(*separator == '[' ? "[]" : "]", stdout);
        return r;
}

/* Whether it is what every record is: a dict whose keys are str. */
static bool is_record(const mgr_value *record)
{
        mgr_iter iter;
        mgr_value key;

        if (record->kind != MGR_KIND_DICT || mgr_iter_init(&iter, record) < 0)
                return false;
        while (mgr_iter_next(&iter, &key))
                if (!json_is_key(&key))
                        return false;
        return true;
}

static int write_record(const mgr_value *record)
{
        const char *separator = "{";
        mgr_value key, value;
        mgr_iter iter;
        int r;

        r = mgr_iter_init(&iter, record);
        while (r == 0 && mgr_iter_next_item(&iter, &key, &value)) {
                fputs(separator, stdout);
                separator = ", ";
                r = json_write(stdout, &key);
                fputs(": ", stdout);
                if (r == 0)
                        r = write_field(&key, &value);
        }
        fputs(*separator == '{' ? "{}" : "}", stdout);
        return r;
}

int record_show(const mgr_value *record)
{
        int r;

        if (!is_record(record))
                return ctl_strange();
        r = write_record(record);
        putchar('\n');
        return r < 0 ? ctl_fail(r) : EXIT_DONE;
}

static int write_json(struct records *records, const mgr_value *record)
{
        int r;

        fputs(records->n ? ",\n " : "[", stdout);
        r = write_record(record);
        return r < 0 ? ctl_fail(r) : EXIT_DONE;
}

/* --- tables */

static void add_column(struct records *records, const char *key)
{
        if (records->n_columns == MAX_COLUMNS)
                return;
        for (size_t i = 0; i < records->n_columns; ++i)
                if (strcmp(records->keys[i], key) == 0)
                        return;
        snprintf(records->keys[records->n_columns++], MAX_TITLE_SIZE, "%s", key);
}

/* A key that may be the title of a column. */
static bool is_title(const mgr_value *key)
{
        return key->kind == MGR_KIND_STR && key->as.text.size < MAX_TITLE_SIZE &&
               text_is_printable(key->as.text.data, key->as.text.size);
}

static int make_table(struct records *records, const mgr_value *record)
{
        struct column columns[MAX_COLUMNS];
        char titles[MAX_COLUMNS][MAX_TITLE_SIZE];
        mgr_value key, value;
        mgr_iter iter;

        for (size_t i = 0; records->first[i]; ++i)
                add_column(records, records->first[i]);
        if (mgr_iter_init(&iter, record) < 0)
                return ctl_strange();
        while (mgr_iter_next_item(&iter, &key, &value))
                if (is_title(&key))
                        add_column(records, mgr_cstr(&key));
        for (size_t i = 0; i < records->n_columns; ++i) {
                const mgr_value name = mgr_str(records->keys[i]);

                for (size_t k = 0; k < MAX_TITLE_SIZE; ++k)
                        titles[i][k] = (char)toupper((unsigned char)records->keys[i][k]);
                columns[i].title = titles[i];
                columns[i].right = strcmp(records->keys[i], "ident") != 0 &&
                                   mgr_value_find(record, &name, &value) == 0 &&
                                   value.kind == MGR_KIND_INT;
        }
        records->table = table_new(columns, records->n_columns, records->ctl->terminal);
        return records->table ? EXIT_DONE : ctl_out_of_memory();
}

/* The only floats there are in records. */
static char *make_seconds(double seconds)
{
        char *text;

        return asprintf(&text, "%.3f", seconds) < 0 ? NULL : text;
}

static char *make_cell(const mgr_value *record, const char *key)
{
        const mgr_value name = mgr_str(key);
        mgr_value value = mgr_none();

        if (mgr_value_find(record, &name, &value) == MGR_ENOMEM)
                return NULL;
        return value.kind == MGR_KIND_FLOAT ? make_seconds(value.as.real) : show_cell(&value);
}

static int write_row(struct records *records, const mgr_value *record)
{
        char *cells[MAX_COLUMNS];
        int code;

        if (!records->table) {
                code = make_table(records, record);
                if (code != EXIT_DONE)
                        return code;
        }
        for (size_t i = 0; i < records->n_columns; ++i)
                cells[i] = make_cell(record, records->keys[i]);
        return table_add(records->table, cells) < 0 ? ctl_out_of_memory() : EXIT_DONE;
}

/* --- both */

int records_begin(struct records **records, const struct ctl *ctl, const char *const *columns)
{
        *records = calloc(1, sizeof(**records));
        if (!*records)
                return ctl_out_of_memory();
        (*records)->ctl = ctl;
        (*records)->first = columns;
        return EXIT_DONE;
}

int records_add(struct records *records, const mgr_value *record)
{
        int code;

        if (!is_record(record))
                return ctl_strange();
        if (records->ctl->options->json)
                code = write_json(records, record);
        else
                code = write_row(records, record);
        ++records->n;
        return code;
}

int records_add_list(struct records *records, const mgr_value *list)
{
        int code = EXIT_DONE;
        mgr_value record;
        mgr_iter iter;

        if (mgr_iter_init(&iter, list) < 0)
                return ctl_strange();
        while (code == EXIT_DONE && mgr_iter_next(&iter, &record))
                code = records_add(records, &record);
        return code;
}

int records_end(struct records *records, int code)
{
        if (code == EXIT_DONE && records->ctl->options->json)
                puts(records->n ? "]" : "[]");
        else if (records->table && table_end(records->table) < 0 && code == EXIT_DONE)
                code = ctl_out_of_memory();
        table_free(records->table);
        free(records);
        return code;
}

int records_show_call(const struct ctl *ctl, const char *call, const char *const *columns)
{
        const char *object = ctl->options->n_args ? ctl->options->args[0] : NULL;
        mgr_value what = mgr_none(), list;
        struct records *records;
        int code, r;

        if (object) {
                code = argument_object(object, &what);
                if (code != EXIT_DONE)
                        return code;
        }
        r = mgr_manager_call(ctl->m, call, &what, object ? 1 : 0, &list);
        if (r < 0)
                return object ? argument_fail(ctl, object, r) : ctl_fail(r);
        code = records_begin(&records, ctl, columns);
        if (code == EXIT_DONE)
                code = records_end(records, records_add_list(records, &list));
        mgr_value_clear(&list);
        return code;
}
