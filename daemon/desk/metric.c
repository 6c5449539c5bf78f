#include "daemon/desk/metric.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/metric.h"
#include "daemon/base/version.h"
#include "daemon/desk/row.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

static const char LOWER[] = "abcdefghijklmnopqrstuvwxyz_";
static const char VALUE[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

static void put_head(struct rxp_buf *out, const struct metric_row *m)
{
	rxp_buf_puts(out, "# HELP readmitd_");
	rxp_buf_puts(out, m->name);
	rxp_buf_puts(out, " ");
	rxp_buf_puts(out, m->help);
	rxp_buf_puts(out, "\n# TYPE readmitd_");
	rxp_buf_puts(out, m->name);
	rxp_buf_puts(out, m->kind == METRIC_COUNTER ? " counter\n" : " gauge\n");
}

/* key=value,key=value as {key="value",key="value"}: no character of a value needs an escape. */
static int put_labels(struct rxp_buf *out, const char *label)
{
	char separator = '{';

	if (*label == '\0')
		return 0;
	for (;;) {
		size_t key = strspn(label, LOWER), value;

		if (key == 0 || label[key] != '=')
			return RXP_ERR_DAMAGED;
		value = strspn(label + key + 1, VALUE);
		rxp_buf_putc(out, (uint8_t)separator);
		rxp_buf_put(out, label, key);
		rxp_buf_puts(out, "=\"");
		rxp_buf_put(out, label + key + 1, value);
		rxp_buf_puts(out, "\"");
		label += key + 1 + value;
		if (*label == '\0')
			return rxp_buf_puts(out, "}");
		if (*label++ != ',')
			return RXP_ERR_DAMAGED;
		separator = ',';
	}
}

struct walk {
	struct rxp_buf *out;
	const struct metric_row *metric; /* the one to write now; NULL: check the names */
	bool begun;
};

static int put_row(void *arg, const void *record)
{
	struct walk *w = arg;
	const struct rec_metric_row *row = record;
	char value[24];
	int rc;

	if (strcmp(row->metric, w->metric->name) != 0)
		return 0;
	if (!w->begun)
		put_head(w->out, w->metric);
	w->begun = true;
	rxp_buf_puts(w->out, "readmitd_");
	rxp_buf_puts(w->out, row->metric);
	rc = put_labels(w->out, row->label);
	if (rc != 0)
		return rc;
	snprintf(value, sizeof(value), " %" PRId64 "\n", row->value);
	return rxp_buf_puts(w->out, value);
}

static int check_row(void *arg, const void *record)
{
	const struct rec_metric_row *row = record;

	(void)arg;
	for (size_t i = 0; i < METRIC_COUNT; i++)
		if (strcmp(row->metric, metric_table[i].name) == 0)
			return 0;
	return RXP_ERR_DAMAGED;
}

/* A figure of the desk itself. */
static int put_own(struct rxp_buf *out, const char *name, const char *help, const char *line)
{
	put_head(out, &(struct metric_row){name, METRIC_GAUGE, help});
	return rxp_buf_puts(out, line);
}

int metric_text(struct rxp_buf *out, struct bytes rows, bool healthy)
{
	int rc = row_each(rows, REC_metric_row, check_row, NULL);

	for (size_t i = 0; i < METRIC_COUNT && rc == 0; i++) {
		struct walk w = {.out = out, .metric = &metric_table[i]};

		rc = row_each(rows, REC_metric_row, put_row, &w);
	}
	if (rc != 0)
		return rc;
	put_own(out, "build_info", "The version of the node",
	    "readmitd_build_info{version=\"" READMIT_VERSION "\"} 1\n");
	return put_own(out, "healthy", "1 if the node can do all its work",
	    healthy ? "readmitd_healthy 1\n" : "readmitd_healthy 0\n");
}
