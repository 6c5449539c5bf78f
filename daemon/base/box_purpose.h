/*
 * box_purpose - what a box under the storage key holds, as the sealer, who makes and opens boxes, and the registry, who
 * keeps them, name it. The context, octets that a box is bound to, names its place (sealer/box.h).
 */
#ifndef BASE_BOX_PURPOSE_H
#define BASE_BOX_PURPOSE_H

enum box_purpose {
	BOX_AGREEMENT_KEY, /* context: key id */
	BOX_CONTENT_KEY, /* context: From, MessageId */
	BOX_DRAFT, /* context: type, peer; within it, before the content, the digest of case and files (sealer/draft.h) */
	BOX_OWN_ATTACHMENT, /* no context; the key of a file of our own desk */
	BOX_PEER_ATTACHMENT, /* no context; the key of a file that a peer sent */
	BOX_CORRECTION, /* context: local id and item of the correction; a field and its value */
	BOX_KEPT, /* how many there are that a database keeps; under the key of a set: */
	BOX_TICKET = BOX_KEPT, /* context: name of the request it grants */
	BOX_PURPOSES
};

/* A box begins with its version, and with the name of its key and its IV, which name the box. */
#define BOX_ID_OCTETS 8
#define BOX_NAME_OCTETS 20

#endif
