"""From a request to what is sent where: routes, arms, and edits as byte splices."""
