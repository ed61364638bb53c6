// The wiring: the rules keep the state, the connection carries frames, and the elements
// show the state.
import { phoneWords } from "../common/names.js"
import { Connection } from "./net/connection.js"
import { Launch } from "./net/launch.js"
import "./parts/composer.js"
import "./parts/connection-banner.js"
import { Entrance } from "./parts/entrance.js"
import "./parts/header.js"
import "./parts/profile.js"
import "./parts/start-screen.js"
import { Surroundings } from "./parts/surroundings.js"
import "./parts/transcript.js"
import { Unread } from "./parts/unread.js"
import * as decisions from "./state/decisions.js"
import { unanswered } from "./state/outbox.js"
import { blank, step, visible } from "./state/rules.js"

const [startScreen, header, profile, banner, transcript, composer] =
  ["start-screen", "header", "profile", "connection-banner", "transcript", "composer"].map(name => document.querySelector("side-" + name))
const ownWindow = window.name.startsWith("sidetext-")
const connection = new Connection(location.origin.replace(/^http/, "ws") + "/live")
const entrance = new Entrance(startScreen, ownWindow ? null : openWindow)
const unread = new Unread()
const surroundings = new Surroundings(act, composer, unread)

let state = blank

// act applies the rules to an event, sends frames, and shows the new state.
function act(event) {
  const [next, frames, news] = step(state, event)
  state = next
  for (const frame of frames) connection.send(frame)
  render()
  unread.addTexts(news.length)
  if (news.length) transcript.speak(shopperName(), news)
}

function render() {
  guardDraft()
  if (!state.conversation) return
  const { conversation, agent, handingBack, outbox, earlier, fetching } = state
  const live = connection.status.is === "live"
  const name = shopperName()
  const closed = conversation.opted_out ? closedWords(name, conversation.shopper.email) : ""
  header.show({ conversation, agent, handingBack, busy: unanswered(outbox).length > 0, detachable: !ownWindow, bell: surroundings.bell.on })
  profile.show(conversation.profile ?? null, state.id)
  transcript.show({
    entries: visible(state), pending: outbox, decisions: state.decisions, me: agent?.id, shopper: name,
    live, closed: !!closed, earlier, fetching,
  })
  composer.show({ closed, name })
  surroundings.show(state, live)
  unread.setName(name)
}

const shopperName = () => state.conversation.shopper.name || phoneWords(state.conversation.shopper.phone)
const closedWords = (name, email) => `${name} stopped texts. Nothing can be sent until they text START. ` +
  (email ? "A reply from the ticket goes to them by e-mail." : "No e-mail address is known, so a reply from the ticket can’t be delivered.")

// guardDraft makes the browser ask before the page is closed while there is a draft, or
// something that the server has not answered.
const preventDefault = event => event.preventDefault()
let guarded = false
function guardDraft() {
  const wanted = unanswered(state.outbox).length + decisions.unanswered(state.decisions).length > 0 || composer.draft
  if (wanted === guarded) return
  guarded = wanted
  ;(wanted ? addEventListener : removeEventListener)("beforeunload", preventDefault)
}

async function enter() {
  const conversation = await entrance.enter()
  if (conversation) open(conversation)
}

// reenter starts again, also while entering.
function reenter() {
  if (entrance.busy) location.reload()
  else enter()
}

// open connects. For the same conversation as before it keeps everything: the texts
// being sent, the draft, the scroll position.
function open(id) {
  if (state.id !== id) {
    state = { ...blank, id }
    composer.clear()
  }
  if (!state.conversation) startScreen.showLoading()
  else reveal()
  connection.open()
}

function reveal() {
  if (!startScreen.hide()) return
  transcript.toEnd()
  composer.focus()
}

// openWindow opens the conversation in a small window and disconnects this tab.
async function openWindow(id) {
  const opened = window.open(entrance.launch.address, "sidetext-" + id, "popup,width=420,height=720")
  if (!opened) return // blocked: this tab goes on as it is
  if (unanswered(state.outbox).length) return
  connection.close()
  const choice = await startScreen.showTrouble({
    title: "It’s open in its own window", words: "You can close this tab.", again: "Show the window", other: "Use this tab instead",
  })
  if (choice === "again") openWindow(id)
  else reenter()
}

async function signOut() {
  connection.close()
  startScreen.showLoading("Signing out…")
  try {
    await entrance.launch.signOut()
    composer.clear()  // or the browser would ask about the draft
    location.reload() // so that nothing of the conversation stays in the page
  } catch (refusal) {
    await startScreen.showTrouble({ title: "You’re still signed in", words: refusal.message, again: "Go back" })
    enter()
  }
}

async function showGone(code) {
  const words = code === 4404 ? "This conversation no longer exists." : "The server did not understand this page."
  await startScreen.showTrouble({ title: "Nothing to show", words, again: "Try again" })
  enter()
}

connection.addEventListener("up", () => { surroundings.reset(); act({ type: "connected" }) })
connection.addEventListener("resync", () => act({ type: "resync" }))
connection.addEventListener("frame", event => act(event.detail))
connection.addEventListener("status", () => {
  const { status } = connection
  banner.show(status)
  header.live = status.is === "live"
  if (status.is === "closed" && status.code === 4401) return enter()
  if (state.conversation && status.is === "live") reveal()
  else if (!state.conversation && status.is === "waiting") startScreen.showLoading("The server can’t be reached. Trying again…")
  else if (!state.conversation && status.is === "closed" && status.code) showGone(status.code)
  render()
})
// A failed handshake has no reason. It may be that the session has ended.
connection.addEventListener("turnedaway", async () => {
  const found = await entrance.launch.open().catch(() => null)
  if (found?.signed_in === false && connection.status.is !== "closed") connection.close(4401)
})

banner.addEventListener("now", () => connection.status.is === "closed" ? connection.open() : connection.retryNow())
header.addEventListener("handback", () => act({ type: "handBack", id: crypto.randomUUID() }))
header.addEventListener("signout", signOut)
header.addEventListener("bell", event => surroundings.bell.switchTo(event.detail))
profile.addEventListener("left", () => composer.focus())
header.addEventListener("detach", () => openWindow(state.id))
transcript.addEventListener("earlier", () => act({ type: "fetchEarlier" }))
transcript.addEventListener("choose", ({ detail: { action, id, seq } }) => seq ? chooseForEntry(action, seq) : chooseForRefused(action, id))
composer.addEventListener("draft", guardDraft)
composer.addEventListener("send", event => {
  act({ type: "write", id: crypto.randomUUID(), text: event.detail, seen: transcript.seen, at: Date.now() })
  transcript.toEnd()
})

function chooseForEntry(action, seq) {
  const id = crypto.randomUUID()
  if (action !== "repeat") return act({ type: "decide", id, action, seq })
  act({ type: "repeat", id, seq, seen: transcript.seen, at: Date.now() })
  transcript.toEnd()
}

function chooseForRefused(action, id) {
  const text = state.outbox.find(m => m.id === id)?.text
  if (action === "again" || action === "anyway") return act({ type: "retry", id, anyway: action === "anyway", seen: transcript.seen })
  act({ type: "discard", id })
  if (action === "edit") composer.restore(text)
}

addEventListener("hashchange", () => { entrance.launch = Launch.read() ?? entrance.launch; reenter() })

entrance.launch = Launch.read()
enter()
