// Records what Twilio's official Node library asks of the API for the calls that
// we make, and which fields it reads in each answer: twilio-node.json, which a test
// plays back. It is run by hand, when the library has a new version:
//
//   npm install --prefix FOLDER twilio@6.3.1
//   node pretend/twilio/testdata/record.cjs FOLDER

const { writeFileSync } = require("node:fs")
const { join, resolve } = require("node:path")
const twilio = require(resolve(process.argv[2], "node_modules/twilio"))

// The names that the test puts real ones in place of.
const account = "AC0123456789abcdef0123456789abcdef", pool = "MG0123456789abcdef0123456789abcdef"
const message = "SM" + "1".repeat(32), media = "ME" + "2".repeat(32), number = "PN" + "3".repeat(32)

const recorded = []

// watched is an answer's object that notes the fields that are read.
function watched(reads) {
  return new Proxy({}, {
    get(_, name) {
      if (typeof name === "string" && name !== "then" && name !== "toJSON") reads.add(name)
      return null
    },
    has: () => false,
  })
}

const lists = [[/\/Messages\.json/, "messages"], [/\/Media\.json/, "media_list"], [/\/IncomingPhoneNumbers\.json/, "incoming_phone_numbers"],
  [/\/PhoneNumbers(\?|$)/, "phone_numbers", true], [/\/v1\/Services(\?|$)/, "services", true]]

// httpClient takes the place of the library's own: it notes a request and gives an
// answer in which everything is null.
const sent = []
const httpClient = {
  async request({ method, uri, params, data }) {
    const query = new URLSearchParams(params ?? {}).toString()
    const path = uri.replace(/^https:\/\/[a-z]+\.twilio\.com/, "") + (query ? "?" + query : "")
    const form = new URLSearchParams()
    for (const [name, value] of Object.entries(data ?? {})) for (const one of [value].flat()) form.append(name, one)
    const reads = new Set()
    const [, list, isNew] = method === "get" && lists.find(([pattern]) => pattern.test(path)) || []
    sent.push({ method: method.toUpperCase(), path, form: form.toString(), list, reads })
    let body = watched(reads)
    if (list) body = isNew ? { [list]: [body], meta: { key: list, next_page_url: null } } : { [list]: [body], next_page_uri: null }
    return { statusCode: method === "post" && /Messages\.json/.test(path) ? 201 : 200, body }
  },
}

async function record(name, call) {
  sent.length = 0
  await call()
  const { reads, ...request } = sent[0]
  recorded.push({ name, ...request, reads: [...reads].sort() })
}

async function main() {
  const client = twilio(account, "token", { httpClient })
  const day = new Date("2026-01-02T00:00:00Z")
  const service = client.messaging.v1.services(pool)
  await record("fetch the account", () => client.api.v2010.accounts(account).fetch())
  await record("send a text", () => client.messages.create({ to: "+14155550123", from: "+14155550100", body: "Hello 👍 & more",
    statusCallback: "https://sms.example.com/status?m=1", validityPeriod: 600 }))
  await record("send by a service", () => client.messages.create({ to: "+14155550123", messagingServiceSid: pool, body: "Hello" }))
  await record("send pictures", () => client.messages.create({ to: "+14155550123", from: "+14155550100",
    mediaUrl: ["https://sms.example.com/a.png", "https://sms.example.com/b.png"] }))
  await record("list texts", () => client.messages.list({ to: "+14155550100", pageSize: 1000 }))
  await record("list texts since a day", () => client.messages.list({ to: "+14155550100", dateSentAfter: day, limit: 20 }))
  await record("list texts of a day", () => client.messages.list({ from: "+14155550123", dateSent: day }))
  await record("list texts until a day", () => client.messages.list({ dateSentBefore: day }))
  await record("fetch a text", () => client.messages(message).fetch())
  await record("list files", () => client.messages(message).media.list({ dateCreatedAfter: day, limit: 100 }))
  await record("fetch a file's description", () => client.messages(message).media(media).fetch())
  await record("list numbers", () => client.incomingPhoneNumbers.list())
  await record("find a number", () => client.incomingPhoneNumbers.list({ phoneNumber: "+14155550100" }))
  await record("find numbers by all filters", () => client.incomingPhoneNumbers.list({ phoneNumber: "+1415*", friendlyName: "+14155550100", beta: false, origin: "twilio" }))
  await record("fetch a number", () => client.incomingPhoneNumbers(number).fetch())
  await record("point a number at us", () => client.incomingPhoneNumbers(number).update({ smsUrl: "https://sms.example.com/in#rc=5&rp=all", smsMethod: "POST",
    smsFallbackUrl: "https://sms.example.com/in", smsFallbackMethod: "POST", smsApplicationSid: "" }))
  await record("list services", () => client.messaging.v1.services.list({ pageSize: 50 }))
  await record("fetch a service", () => service.fetch())
  await record("let a service defer", () => service.update({ useInboundWebhookOnNumber: true, inboundRequestUrl: "https://sms.example.com/in" }))
  await record("list a service's numbers", () => service.phoneNumbers.list({ limit: 5 }))
  await record("find a number in a service", () => service.phoneNumbers(number).fetch())
  writeFileSync(join(__dirname, "twilio-node.json"), JSON.stringify(recorded, null, 1) + "\n")
  console.log(`${recorded.length} requests`)
}

main()
