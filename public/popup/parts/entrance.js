import { signIn } from "./sign-in.js"

// An Entrance leads from the link that opened the page to its conversation: it says what
// is wrong with the link, has the agent sign in, and opens the file that the link names.
export class Entrance {
  #startScreen
  #offerWindow
  #entering = false
  launch = null // a Launch, or null: the page was opened without a token

  // offerWindow, or null, is called with a conversation's id when the agent asks for it
  // in a window of its own.
  constructor(startScreen, offerWindow) {
    this.#startScreen = startScreen
    this.#offerWindow = offerWindow
  }

  get busy() { return this.#entering }

  // enter returns the conversation's id once an agent is signed in and the link works,
  // or "" if an earlier call is still doing this.
  async enter() {
    if (this.#entering) return ""
    this.#entering = true
    try {
      for (;;) {
        const conversation = await this.#try()
        if (conversation) return conversation
      }
    } finally {
      this.#entering = false
    }
  }

  async #try() {
    const { launch } = this, screen = this.#startScreen
    if (!launch) {
      await screen.showTrouble({ title: "Open this from a ticket", words: "Press “Text via SMS” in the ticket’s sidebar. The link there leads to the right conversation." })
      return ""
    }
    screen.showLoading()
    let found
    try {
      found = await launch.open()
    } catch (refusal) {
      if (refusal.status === 404) await screen.showTrouble({ title: "This link doesn’t work", words: "It may be old or incomplete. Press “Text via SMS” in the ticket’s sidebar again.", again: "Try again" })
      else await screen.showTrouble({ title: "That didn’t work", words: refusal.message, again: "Try again" })
      return ""
    }
    screen.shop = found.shop
    if (!found.signed_in) {
      if (this.#offerWindow) screen.offer("Open in a small window", () => this.#offerWindow(found.conversation))
      await signIn(launch, screen, found.agents ?? [], found.signed_out)
      screen.offer("")
    }
    await this.#openFile()
    return found.conversation
  }

  // openFile opens the file that the link names, if any: a picture replaces the page,
  // other files are downloaded. If the file is missing it says so first.
  async #openFile() {
    const address = this.launch.takeFile()
    if (!address) return
    if (await this.launch.hasFile(address)) location.assign(address)
    else await this.#startScreen.showTrouble({ title: "This file isn’t here", words: "It may not have arrived yet, or couldn’t be fetched. The conversation says more.", again: "Open the conversation" })
  }
}
