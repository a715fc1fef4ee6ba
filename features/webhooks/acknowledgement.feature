@webhooks @pci-6.2.4 @cwe-755 @cwe-400 @asvs-V16.5.3
Feature: News is acknowledged at once, and worked on afterwards

  A provider waits seconds for an answer, then takes the delivery for failed and sends it again, to everybody, at the
  worst moment. A shop that works before it answers is fast only while nothing is wrong. And a shop that answers before
  it has written anything down loses what it has promised to know.

  @medium @defect-W32 @simulator-only
  Scenario: The provider itself is slow, and the shop still answers at once
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a Visa card
    And the provider takes 2 seconds for every answer
    And the "payment succeeded" event arrives
    Then the event is acknowledged within 1 second
    When the provider is back
    Then the order is paid
    And the order is fulfilled once

  @critical @defect-W19 @defect-W20 @simulator-only
  Scenario: The provider fails while the event is worked on
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a Visa card
    And the next 2 requests to retrieve a payment meet an error of the provider
    And the held events arrive
    Then the order is paid
    And the order is fulfilled once
    And the books balance and agree with the provider

  @critical @defect-W19 @defect-R13 @simulator-only
  Scenario: The provider is away while the event is worked on, and comes back
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a Visa card
    And the provider is away
    And the "payment succeeded" event arrives
    And the provider is back
    Then the order is paid
    And the order is fulfilled once

  @high @defect-W21 @defect-W19 @launched
  Scenario: The worker dies in the middle of an event
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a Visa card
    And the worker dies while it handles the "payment succeeded" event
    And the worker starts again
    Then the order is paid
    And the order is fulfilled once
    And the books balance and agree with the provider

  @critical @defect-W19 @defect-W21 @launched
  Scenario: The shop is killed right after it has acknowledged
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a Visa card
    And the "payment succeeded" event arrives
    And the whole shop is killed and started again
    And the "payment succeeded" event arrives again
    Then the order is paid
    And the order is fulfilled once

  @critical @defect-W19 @launched
  Scenario: What cannot be written down is not acknowledged, and arrives again
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a Visa card
    And the database goes away
    And the "payment succeeded" event is tried once
    And the database comes back
    Then the event was not acknowledged
    When the "payment succeeded" event arrives
    Then the order is paid
    And the order is fulfilled once

  @high @defect-W39
  Scenario: A crowd pays at once, and every event arrives twice and out of order
    When 12 shoppers pay 49.99 EUR at once and every event arrives twice, shuffled
    Then every order is paid
    And every order is fulfilled once
    And the books balance and agree with the provider
