"""Parts of a hospital of its own, installed beside pacsim: one module each."""
