// The wiring: the rules say what is true, the connection carries it, the elements
// show it. Nothing is decided here.
import { phoneWords } from "../common/names.js"
import { Around } from "./around.js"
import "./composer.js"
import { Connection } from "./connection.js"
import * as decisions from "./decisions.js"
import "./gate.js"
import "./header.js"
import { Launch } from "./launch.js"
import { unanswered } from "./outbox.js"
import { blank, step, visible } from "./rules.js"
import { SignIn } from "./signin.js"
import "./transcript.js"
import "./trust.js"
import { Unread } from "./unread.js"

const find = selector => document.querySelector(selector)
const page = find("main")
const [gate, header, trust, transcript, composer] =
  ["side-gate", "side-header", "side-trust", "side-transcript", "side-composer"].map(find)
const connection = new Connection(location.origin.replace(/^http/, "ws") + "/live")
const unread = new Unread()
const around = new Around(act, composer, unread)
const ownWindow = window.name.startsWith("sidetext-")

let launch = null
let state = blank
let entering = false

function act(happened) {
  const [next, frames, news] = step(state, happened)
  state = next
  for (const frame of frames) connection.send(frame)
  render()
  unread.add(news.length)
  if (news.length) transcript.speak(shopperName(), news)
}

function render() {
  guard()
  if (!state.conversation) return
  const { conversation, agent, handingBack, outbox, earlier, fetching } = state
  const name = shopperName()
  const closed = conversation.opted_out ? closedWords(name, conversation.shopper.email) : ""
  header.show({ conversation, agent, handingBack, busy: unanswered(outbox).length > 0, detachable: !ownWindow, bell: around.bell.on })
  transcript.show({
    entries: visible(state), pending: outbox, decisions: state.decisions, me: agent?.id, shopper: name,
    live: connection.status.is === "live", closed: !!closed, earlier, fetching,
  })
  composer.show({ closed, name })
  around.show(state, connection.status.is === "live")
  unread.name(name)
}

const shopperName = () => state.conversation.shopper.name || phoneWords(state.conversation.shopper.phone)
const closedWords = (name, email) => `${name} stopped texts. Nothing can be sent until they text START. ` +
  (email ? "A reply from the ticket goes to them by e-mail." : "No e-mail address is known, so a reply from the ticket can’t be delivered.")

// While the server has not answered for something, or a text was begun, leaving
// asks first.
const stay = event => event.preventDefault()
let staying = false
function guard() {
  const due = unanswered(state.outbox).length + decisions.unanswered(state.decisions).length > 0 || composer.draft
  if (due === staying) return
  staying = due
  ;(due ? addEventListener : removeEventListener)("beforeunload", stay)
}

// enter goes through the gate: what does the link lead to, who is there?
async function enter() {
  if (entering) return
  entering = true
  try {
    while (!await admitted());
  } finally {
    entering = false
  }
}

async function admitted() {
  if (!launch) {
    await gate.trouble({ title: "Open this from a ticket", words: "Press “Text via SMS” in the ticket’s sidebar. The link there leads to the right conversation." })
    return false
  }
  shut()
  gate.loading()
  let where
  try {
    where = await launch.open()
  } catch (refusal) {
    if (refusal.status === 404) await gate.trouble({ title: "This link doesn’t work", words: "It may be old or incomplete. Press “Text via SMS” in the ticket’s sidebar again.", again: "Try again" })
    else await gate.trouble({ title: "That didn’t work", words: refusal.message, again: "Try again" })
    return false
  }
  gate.shop = where.shop
  if (!where.signed_in) {
    gate.aside(ownWindow ? "" : "Open in a small window", () => detach(where.conversation))
    await new SignIn(launch, gate).run(where.agents ?? [], where.signed_out)
    gate.aside("")
  }
  await openFile()
  begin(where.conversation)
  return true
}

// openFile goes to the file that the link led to, if it led to one: a picture
// takes the page's place, anything else is saved. A file that isn't there is
// said to be missing before the conversation opens.
async function openFile() {
  const address = launch.takeFile()
  if (!address) return
  const { ok } = await fetch(address, { method: "HEAD" }).catch(() => ({ ok: false }))
  if (ok) location.assign(address)
  else await gate.trouble({ title: "This file isn’t here", words: "It may not have arrived yet, or couldn’t be fetched. The conversation says more.", again: "Open the conversation" })
}

// begin connects. Coming back to the same conversation keeps everything: the
// texts on their way, the draft, the place in the transcript.
function begin(id) {
  if (state.id !== id) {
    state = { ...blank, id }
    composer.clear()
  }
  if (!state.conversation) gate.loading()
  else reveal()
  connection.open()
}

function reveal() {
  const arriving = page.hidden || page.inert
  page.hidden = page.inert = false
  gate.pass()
  if (!arriving) return
  transcript.toEnd()
  composer.focus()
}

function shut() { page.inert = true }

async function detach(id) {
  const opened = window.open(launch.address, "sidetext-" + id, "popup,width=420,height=720")
  if (!opened) return // blocked: this tab goes on as it is
  if (unanswered(state.outbox).length) return
  connection.close()
  shut()
  const choice = await gate.trouble({
    title: "It’s open in its own window", words: "You can close this tab.", again: "Show the window", other: "Use this tab instead",
  })
  if (choice === "again") detach(id)
  else restart()
}

// restart goes through the gate again, also from within it.
function restart() {
  if (entering) location.reload()
  else enter()
}

async function leave() {
  connection.close()
  shut()
  gate.loading("Signing out…")
  try {
    await launch.signOut()
    composer.clear() // whoever signs out has seen what they had begun
    location.reload() // into a page that has never seen the conversation
  } catch (refusal) {
    await gate.trouble({ title: "You’re still signed in", words: refusal.message, again: "Go back" })
    enter()
  }
}

connection.addEventListener("up", () => { around.afresh(); act({ type: "connected" }) })
connection.addEventListener("resync", () => act({ type: "resync" }))
connection.addEventListener("frame", event => act(event.detail))
connection.addEventListener("status", () => {
  const { status } = connection
  trust.show(status)
  header.live = status.is === "live"
  if (status.is === "closed" && status.code === 4401) return enter()
  if (state.conversation && status.is === "live") reveal()
  else if (!state.conversation && status.is === "waiting") gate.loading("The server can’t be reached. Trying again…")
  else if (!state.conversation && status.is === "closed" && status.code) gone(status.code)
  render()
})
// A handshake that fails says nothing about why. If it is the session, ask again.
connection.addEventListener("turnedaway", async () => {
  const where = await launch.open().catch(() => null)
  if (where?.signed_in === false && connection.status.is !== "closed") { connection.close(4401) }
})

async function gone(code) {
  const words = code === 4404 ? "This conversation is no longer here." : "The server didn’t understand this page."
  await gate.trouble({ title: "Nothing to show", words, again: "Try again" })
  enter()
}

trust.addEventListener("now", () => connection.status.is === "closed" ? connection.open() : connection.now())
header.addEventListener("handback", () => act({ type: "handBack", id: crypto.randomUUID() }))
header.addEventListener("signout", leave)
header.addEventListener("bell", event => around.bell.turn(event.detail))
header.addEventListener("detach", () => detach(state.id))
transcript.addEventListener("earlier", () => act({ type: "fetchEarlier" }))
transcript.addEventListener("choose", ({ detail: { does, id, seq } }) => {
  if (seq) return decide(does, seq)
  const text = state.outbox.find(m => m.id === id)?.text
  if (does === "again" || does === "anyway") return act({ type: "again", id, anyway: does === "anyway", seen: transcript.seen })
  act({ type: "drop", id })
  if (does === "edit") composer.restore(text)
})
function decide(does, seq) {
  const id = crypto.randomUUID()
  if (does !== "repeat") return act({ type: "decide", id, does, seq })
  act({ type: "repeat", id, seq, seen: transcript.seen, at: Date.now() })
  transcript.toEnd()
}
composer.addEventListener("draft", guard)
composer.addEventListener("send", event => {
  act({ type: "write", id: crypto.randomUUID(), text: event.detail, seen: transcript.seen, at: Date.now() })
  transcript.toEnd()
})
addEventListener("hashchange", () => { launch = Launch.read() ?? launch; restart() })

launch = Launch.read()
enter()
