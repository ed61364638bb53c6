// Buttons that copy the address beside them. Without JavaScript it can be selected.
for (const button of document.querySelectorAll("[data-copy]")) {
  const field = button.parentElement.querySelector("input")
  button.hidden = !navigator.clipboard
  field.addEventListener("focus", () => field.select())
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field.value)
      button.textContent = "Copied"
    } catch {
      field.focus() // which selects the address
    }
  })
}
