package gorgias

import (
	"encoding/json"
	"net/http"
	"strings"
)

// A schema has the fields that an object of a request may have, from Gorgias'
// reference, and the schema of each; nil is any value. Items of lists are checked
// against the same schema. Gorgias documents 400 for unknown names.
type schema map[string]schema

// anyOf returns a schema with fields of any value.
func anyOf(names string) schema {
	s := schema{}
	for _, name := range strings.Fields(names) {
		s[name] = nil
	}
	return s
}

// with returns the schema with another field that is an object or a list of objects.
func (s schema) with(name string, of schema) schema {
	out := schema{name: of}
	for name, of := range s {
		if _, replaced := out[name]; !replaced {
			out[name] = of
		}
	}
	return out
}

var (
	anID     = anyOf("id")
	aChannel = anyOf("type address preferred")

	aCustomer = anyOf("name firstname lastname email external_id language timezone note meta").with("channels", aChannel)
	aPerson   = aCustomer.with("id", nil) // embedded in another object

	anAddress = anyOf("name address")
	aSource   = anyOf("type extra").with("from", anAddress).with("to", anAddress).with("cc", anAddress).with("bcc", anAddress)

	aMessage = anyOf(`channel via from_agent public subject body_text body_html stripped_text stripped_html
		stripped_signature created_datetime sent_datetime failed_datetime opened_datetime message_id external_id
		integration_id mention_ids headers meta macros actions`).
		with("sender", aPerson).with("receiver", aPerson).with("source", aSource).
		with("attachments", anyOf("url name content_type size public extra"))

	aTag = anyOf("name description").with("decoration", anyOf("color"))

	aTicket = anyOf(`via channel subject status priority from_agent custom_fields external_id language spam meta
		opened_datetime closed_datetime snooze_datetime trashed_datetime updated_datetime
		last_message_datetime last_received_message_datetime`).
		with("customer", aPerson).with("tags", aTag.with("id", nil)).with("assignee_user", anID).with("assignee_team", anID)
	aNewTicket = aTicket.with("created_datetime", nil).with("messages", aMessage)

	aConnection = anyOf("url method headers request_content_type response_content_type form triggers hmac_secret oauth2")
	// An update must not contain the type, and may switch the integration off.
	aNewIntegration = anyOf("name description type business_hours_id").with("http", aConnection)
	anIntegration   = anyOf("name description deactivated_datetime business_hours_id").with("http", aConnection)

	aNewWidget = anyOf("type context integration_id app_id order template")
	aWidget    = aNewWidget.with("deactivated_datetime", nil)
)

// refuse returns a failure if the object has an unknown field.
func (s schema) refuse(raw []byte) *failure {
	if s == nil || len(raw) == 0 {
		return nil
	}
	var value any
	if json.Unmarshal(raw, &value) != nil {
		return nil // reported by the handler
	}
	if name := s.unknown(value, ""); name != "" {
		return &failure{http.StatusBadRequest, "Invalid request.", map[string][]string{name: {"Unknown field."}}}
	}
	return nil
}

func (s schema) unknown(value any, at string) string {
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			if name := s.unknown(item, at); name != "" {
				return name
			}
		}
	case map[string]any:
		for name, field := range v {
			of, known := s[name]
			if !known {
				return at + name
			}
			if of != nil {
				if name := of.unknown(field, at+name+"."); name != "" {
					return name
				}
			}
		}
	}
	return ""
}
