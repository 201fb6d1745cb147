"""The HTTP API and the page in the browser. Nothing is stored, nothing is logged but counts.

settings   how it is served, to whom, how much at once
guard      who may ask: host, token, origin, rate; and the headers of every answer
bodies     how much may be sent, and how slowly
scoring    the one way from a text to its verdict, in a bounded number of threads
schemas    what is sent;  answers: what is answered
api        the endpoints for programs;  live: a call while it goes on;  page: the browser
refusals   what an answer says when the answer is no
"""
