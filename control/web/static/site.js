// Every page works without this. It adds a button beside what is meant to be copied.
for (const code of document.querySelectorAll('[data-copy]')) {
  if (!navigator.clipboard) break
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'copy'
  button.textContent = 'Copy'
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(code.textContent)
      button.textContent = 'Copied'
    } catch {
      getSelection().selectAllChildren(code)
      button.textContent = 'Selected: copy with the keyboard'
    }
    setTimeout(() => (button.textContent = 'Copy'), 2500)
  })
  const place = code.closest('pre') ?? code
  place.after(button)
}
