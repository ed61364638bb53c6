// Moves the secret of a sign-in link into the form. It is in the fragment, which browsers
// do not send, and is removed from the address and the history.
const form = document.getElementById("sign-in")
const field = document.getElementById("secret")

function takeSecret() {
  const secret = location.hash.slice(1)
  if (!secret) return
  history.replaceState(null, "", location.pathname)
  field.value = secret
  field.type = "hidden"
  document.getElementById("manual").hidden = true
  form.querySelector("button").focus()
}

takeSecret()
addEventListener("hashchange", takeSecret) // the link was opened in a tab that shows this page
form.addEventListener("submit", () => { form.querySelector("button").disabled = true })
// After "back" the browser may show the page as it was left.
addEventListener("pageshow", () => { form.querySelector("button").disabled = false })
