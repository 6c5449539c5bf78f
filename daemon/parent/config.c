#include "daemon/parent/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libxml/parser.h>
#include <libxml/xmlschemas.h>

#include "daemon/parent/config_schema.h"
#include "protocol/base/err.h"

/* Settings by number; the address of a listener, which may be there several times, behind them. */
enum setting {
#define SETTING(element, attribute, kind, member, value, meaning) SETTING_##member,
#include "daemon/parent/setting.def"
#undef SETTING
	SETTING_listen,
	SETTINGS
};

#define WORDS_TEXT "a name of at most 32 small letters, digits, - and _"
#define WORDS_PATH "a path that begins with /, of at most 1001 printable characters"
#define WORDS_URI "pkcs11: and attributes, as in pkcs11:token=ministry;object=seal-2026"
#define WORDS_SECRET "file:/PATH, or credential:NAME for a credential of systemd"
#define WORDS_COUNT "a number from 1 to 16"
#define WORDS_OCTETS "a number of octets from 1048576 on, in digits alone"
#define WORDS_MODE "four octal digits of which the first is 0, as in 0660"

static const struct {
	const char *element, *attribute, *shape, *meaning;
} settings[SETTINGS] = {
#define SETTING(element, attribute, kind, member, value, meaning) \
	[SETTING_##member] = {#element, #attribute, WORDS_##kind, meaning},
#include "daemon/parent/setting.def"
#undef SETTING
    [SETTING_listen] = {"listen", "address",
	"a.b.c.d:port or [v6]:port, as in 192.0.2.1:8443 or [2001:db8::1]:8443",
	"address at which peers may connect"},
};

/* Where problems go while one file is read, and what they were about. */
struct reading {
	config_report *report;
	void *arg;
	unsigned problems;
	unsigned long wrong[SETTINGS]; /* line of the last wrong one; 0: none */
};

static void problem(struct reading *r, unsigned long line, const char *where, const char *what)
{
	r->problems++;
	r->report(r->arg, line, where, what);
}

static void from_libxml(void *arg, xmlErrorPtr e)
{
	struct reading *r = arg;
	char text[512];
	size_t len;

	if (e == NULL || e->message == NULL)
		return;
	len = strcspn(e->message, "\n");
	snprintf(text, sizeof text, "%.*s", (int)len, e->message);
	problem(r, e->line > 0 ? (unsigned long)e->line : 0, "XML", text);
}

/* The attribute that a message of the schema names, "" if none. */
static void find_attribute(char out[32], const char *message)
{
	static const char before[] = "attribute '";
	const char *at = strstr(message, before);

	snprintf(out, 32, "%.*s", at != NULL ? (int)strcspn(at + strlen(before), "'") : 0,
	    at != NULL ? at + strlen(before) : "");
}

static enum setting find_setting(const char *element, const char *attribute)
{
	enum setting s = 0;

	while (s < SETTINGS && (strcmp(settings[s].element, element) != 0 ||
				   strcmp(settings[s].attribute, attribute) != 0))
		s++;
	return s;
}

static void wrong_value(struct reading *r, unsigned long line, enum setting s)
{
	char where[64], what[256];

	if (r->wrong[s] == line)
		return; /* the library has several words for one value */
	r->wrong[s] = line;
	snprintf(where, sizeof where, "%s/@%s", settings[s].element, settings[s].attribute);
	snprintf(what, sizeof what, "must be %s: %s", settings[s].shape, settings[s].meaning);
	problem(r, line, where, what);
}

/* What the schema does not allow, in our words: a value, or something that has no place. */
static void from_schema(void *arg, xmlErrorPtr e)
{
	struct reading *r = arg;
	const xmlNode *node = e != NULL ? e->node : NULL;
	char attribute[32], where[80];
	unsigned long line;
	enum setting s;

	if (node == NULL || node->name == NULL || e->message == NULL) {
		from_libxml(arg, e);
		return;
	}
	line = (unsigned long)xmlGetLineNo(node);
	find_attribute(attribute, e->message);
	s = find_setting((const char *)node->name, attribute);
	if (s < SETTINGS) {
		wrong_value(r, line, s);
		return;
	}
	snprintf(where, sizeof where, "%.31s%s%s", (const char *)node->name,
	    attribute[0] != '\0' ? "/@" : "", attribute);
	if (e->code == XML_SCHEMAV_CVC_COMPLEX_TYPE_4)
		problem(r, line, where, "must be given; see readmitd.xml(5)");
	else if (attribute[0] != '\0')
		problem(r, line, where, "there is no such setting; see readmitd.xml(5)");
	else
		problem(r, line, where,
		    "has no place here: readmitd of urn:readmitd:config:1 has node, keys, token, listen, api, "
		    "limits, evidence, centre, test in this order");
}

static int read_file(char **out, size_t *len, const char *path, struct reading *r)
{
	char *text = malloc(CONFIG_MAX_OCTETS + 1);
	size_t used = 0;
	ssize_t n = -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc = RXP_ERR_CONFIG;

	if (text == NULL || fd < 0) {
		problem(r, 0, "file", text == NULL ? "out of memory" : strerror(errno));
		goto done;
	}
	while (used <= CONFIG_MAX_OCTETS &&
	       (n = read(fd, text + used, CONFIG_MAX_OCTETS + 1 - used)) > 0)
		used += (size_t)n;
	if (n < 0 || used > CONFIG_MAX_OCTETS) {
		problem(r, 0, "file", n < 0 ? strerror(errno) : "larger than 256 KiB");
		goto done;
	}
	*out = text;
	*len = used;
	text = NULL;
	rc = 0;
done:
	free(text);
	if (fd >= 0)
		close(fd);
	return rc;
}

/* No entity and no document type: the file is what it shows. */
static xmlDocPtr parse(const char *text, size_t len, const char *path, struct reading *r)
{
	xmlDocPtr doc;

	xmlSetStructuredErrorFunc(r, from_libxml);
	doc = xmlReadMemory(text, (int)len, path, NULL, XML_PARSE_NONET);
	if (doc != NULL && (doc->intSubset != NULL || doc->extSubset != NULL)) {
		problem(r, 0, "XML", "a document type declaration is not allowed");
		xmlFreeDoc(doc);
		doc = NULL;
	}
	return doc;
}

static void validate(xmlDocPtr doc, struct reading *r)
{
	xmlSchemaParserCtxtPtr parser =
	    xmlSchemaNewMemParserCtxt((const char *)config_schema_octets, (int)config_schema_len);
	xmlSchemaPtr schema = parser != NULL ? xmlSchemaParse(parser) : NULL;
	xmlSchemaValidCtxtPtr valid = schema != NULL ? xmlSchemaNewValidCtxt(schema) : NULL;

	if (valid == NULL)
		problem(r, 0, "schema", "cannot be compiled: out of memory");
	else {
		xmlSchemaSetValidStructuredErrors(valid, from_schema, r);
		if (xmlSchemaValidateDoc(valid, doc) != 0 && r->problems == 0)
			problem(r, 0, "schema", "not satisfied");
	}
	xmlSchemaFreeValidCtxt(valid);
	xmlSchemaFree(schema);
	xmlSchemaFreeParserCtxt(parser);
}

static xmlNodePtr find(xmlNodePtr root, const char *element)
{
	for (xmlNodePtr n = root->children; n != NULL; n = n->next)
		if (n->type == XML_ELEMENT_NODE && strcmp((const char *)n->name, element) == 0)
			return n;
	return NULL;
}

/* The value written in the file, or the default; at most CONFIG_TEXT_MAX - 1 octets by the schema. */
static unsigned long value_of(char out[CONFIG_TEXT_MAX], xmlNodePtr root, const char *element,
    const char *attribute, const char *otherwise)
{
	xmlNodePtr n = find(root, element);
	xmlChar *text = n != NULL ? xmlGetNoNsProp(n, (const xmlChar *)attribute) : NULL;

	snprintf(out, CONFIG_TEXT_MAX, "%s", text != NULL ? (const char *)text : otherwise);
	xmlFree(text);
	return n != NULL ? (unsigned long)xmlGetLineNo(n) : 0;
}

static void take_settings(struct config *c, xmlNodePtr root, const struct reading *r)
{
	char value[CONFIG_TEXT_MAX];

#define TAKE_TEXT(member) memcpy(c->member, value, sizeof value)
#define TAKE_PATH(member) TAKE_TEXT(member)
#define TAKE_URI(member) TAKE_TEXT(member)
#define TAKE_SECRET(member) TAKE_TEXT(member)
#define TAKE_COUNT(member) c->member = (unsigned)strtoul(value, NULL, 10)
#define TAKE_OCTETS(member) c->member = strtoull(value, NULL, 10)
#define TAKE_MODE(member) c->member = (unsigned)strtoul(value, NULL, 8)
#define SETTING(element, attribute, kind, member, otherwise, meaning) \
	c->member##_line = value_of(value, root, #element, #attribute, otherwise); \
	if (r->wrong[SETTING_##member] == 0) \
		TAKE_##kind(member);
#include "daemon/parent/setting.def"
#undef SETTING
#undef TAKE_TEXT
#undef TAKE_PATH
#undef TAKE_URI
#undef TAKE_SECRET
#undef TAKE_COUNT
#undef TAKE_OCTETS
#undef TAKE_MODE
}

static void take_listeners(struct config *c, xmlNodePtr root)
{
	for (xmlNodePtr n = root->children; n != NULL; n = n->next) {
		struct config_address *a = &c->listen[c->n_listen];
		xmlChar *text;

		if (c->n_listen == CONFIG_LISTEN_MAX)
			return; /* more were reported */
		if (n->type != XML_ELEMENT_NODE || strcmp((const char *)n->name, "listen") != 0)
			continue;
		text = xmlGetNoNsProp(n, (const xmlChar *)"address");
		snprintf(a->text, sizeof a->text, "%s", text != NULL ? (const char *)text : "");
		a->line = (unsigned long)xmlGetLineNo(n);
		xmlFree(text);
		c->n_listen++;
	}
}

/* The words are the schema's. */
static unsigned roles_of(const char *list)
{
	static const char *const words[API_ROLES] = {
#define API_ROLE(name, word, group, named, meaning) [API_##name] = (word),
#include "daemon/base/api_role.def"
#undef API_ROLE
	};
	unsigned roles = 0;

	for (size_t len; *list != '\0'; list += len) {
		list += strspn(list, " \t\r\n");
		len = strcspn(list, " \t\r\n");
		for (int i = 0; i < API_ROLES; i++)
			if (len == strlen(words[i]) && memcmp(list, words[i], len) == 0)
				roles |= API_ROLE_BIT(i);
	}
	return roles;
}

static void take_allow(struct config *c, xmlNodePtr n, struct reading *r)
{
	struct config_allow *a = &c->allow[c->n_allow];
	xmlChar *user = xmlGetNoNsProp(n, (const xmlChar *)"user");
	xmlChar *group = xmlGetNoNsProp(n, (const xmlChar *)"group");
	xmlChar *role = xmlGetNoNsProp(n, (const xmlChar *)"role");
	const xmlChar *name = group != NULL ? group : user;

	a->line = (unsigned long)xmlGetLineNo(n);
	if ((user == NULL) == (group == NULL))
		problem(r, a->line, "api/allow", "names a user or a group, one of the two");
	a->group = group != NULL;
	snprintf(a->name, sizeof a->name, "%s", name != NULL ? (const char *)name : "");
	a->roles = roles_of(role != NULL ? (const char *)role : "");
	c->n_allow++;
	xmlFree(user);
	xmlFree(group);
	xmlFree(role);
}

static void take_allowed(struct config *c, xmlNodePtr root, struct reading *r)
{
	xmlNodePtr api = find(root, "api");

	for (xmlNodePtr n = api != NULL ? api->children : NULL; n != NULL; n = n->next)
		if (n->type == XML_ELEMENT_NODE && c->n_allow < API_ALLOW_MAX)
			take_allow(c, n, r);
}

/* The schema bounds number and lengths, so that there is room. */
static void take_environment(struct config *c, xmlNodePtr root)
{
	xmlNodePtr token = find(root, "token");

	for (xmlNodePtr n = token != NULL ? token->children : NULL; n != NULL; n = n->next) {
		const size_t room = sizeof c->token_environment - c->token_environment_len;
		xmlChar *name, *value;
		int len = -1;

		if (n->type != XML_ELEMENT_NODE)
			continue;
		name = xmlGetNoNsProp(n, (const xmlChar *)"name");
		value = xmlGetNoNsProp(n, (const xmlChar *)"value");
		if (name != NULL && value != NULL)
			len = snprintf(c->token_environment + c->token_environment_len, room,
			    "%s=%s", (const char *)name, (const char *)value);
		if (len > 0 && (size_t)len < room)
			c->token_environment_len += (size_t)len + 1;
		xmlFree(name);
		xmlFree(value);
	}
}

/* What a person's last address must not be (RXP-SAF-026). */
static void take_centres(struct config *c, xmlNodePtr root, struct reading *r)
{
	for (xmlNodePtr n = root->children; n != NULL; n = n->next) {
		xmlChar *text;
		size_t len;

		if (n->type != XML_ELEMENT_NODE || strcmp((const char *)n->name, "centre") != 0)
			continue;
		text = xmlGetNoNsProp(n, (const xmlChar *)"address");
		len = text != NULL ? strlen((const char *)text) + 1 : 0;
		if (len == 0 || c->centres_len + len > sizeof c->centres) {
			problem(r, (unsigned long)xmlGetLineNo(n), "centre", "no room for more");
			xmlFree(text);
			return;
		}
		memcpy(c->centres + c->centres_len, text, len);
		c->centres_len += len;
		xmlFree(text);
	}
}

int config_read(struct config *out, const char *path, config_report *report, void *arg)
{
	struct reading r = {.report = report, .arg = arg};
	struct config c = {0};
	xmlDocPtr doc = NULL;
	char *text = NULL;
	size_t len = 0;
	int rc = read_file(&text, &len, path, &r);

	if (rc != 0)
		goto done;
	doc = parse(text, len, path, &r);
	if (doc != NULL)
		validate(doc, &r);
	rc = r.problems > 0 || doc == NULL ? RXP_ERR_CONFIG : 0;
	if (doc == NULL || xmlDocGetRootElement(doc) == NULL)
		goto done;
	take_settings(&c, xmlDocGetRootElement(doc), &r);
	if (r.wrong[SETTING_listen] == 0)
		take_listeners(&c, xmlDocGetRootElement(doc));
	take_environment(&c, xmlDocGetRootElement(doc));
	take_allowed(&c, xmlDocGetRootElement(doc), &r);
	take_centres(&c, xmlDocGetRootElement(doc), &r);
	if (r.problems > 0)
		rc = RXP_ERR_CONFIG;
	c.read = true;
done:
	*out = c;
	xmlSetStructuredErrorFunc(NULL, NULL);
	xmlFreeDoc(doc);
	free(text);
	return rc;
}
