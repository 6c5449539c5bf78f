#include "daemon/desk/metric.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/desk/row.h"
#include "protocol/buf.h"
#include "protocol/err.h"

enum metric_kind { GAUGE, COUNTER };

static const struct metric {
	const char *name;
	enum metric_kind kind;
	const char *help;
} METRICS[] = {
#define METRIC(name, kind, help) {#name, kind, help},
#include "daemon/desk/metric.def"
#undef METRIC
};

#define N_METRICS (sizeof(METRICS) / sizeof(METRICS[0]))

static const char LOWER[] = "abcdefghijklmnopqrstuvwxyz_";
static const char VALUE[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

static void put_head(struct rxp_buf *out, const struct metric *m)
{
	rxp_buf_puts(out, "# HELP readmitd_");
	rxp_buf_puts(out, m->name);
	rxp_buf_puts(out, " ");
	rxp_buf_puts(out, m->help);
	rxp_buf_puts(out, "\n# TYPE readmitd_");
	rxp_buf_puts(out, m->name);
	rxp_buf_puts(out, m->kind == COUNTER ? " counter\n" : " gauge\n");
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
	const struct metric *metric; /* the one to write now; NULL: check the names */
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
	for (size_t i = 0; i < N_METRICS; i++)
		if (strcmp(row->metric, METRICS[i].name) == 0)
			return 0;
	return RXP_ERR_DAMAGED;
}

int metric_text(struct rxp_buf *out, struct bytes rows, bool healthy)
{
	static const struct metric HEALTHY = {
	    "healthy", GAUGE, "1 if the node can do all its work"};
	int rc = row_each(rows, REC_metric_row, check_row, NULL);

	for (size_t i = 0; i < N_METRICS && rc == 0; i++) {
		struct walk w = {.out = out, .metric = &METRICS[i]};

		rc = row_each(rows, REC_metric_row, put_row, &w);
	}
	if (rc != 0)
		return rc;
	put_head(out, &HEALTHY);
	return rxp_buf_puts(out, healthy ? "readmitd_healthy 1\n" : "readmitd_healthy 0\n");
}
