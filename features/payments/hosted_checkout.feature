@payments @pci-6.2.4 @cwe-841 @asvs-V2.3.1 @wstg-BUSL-06
Feature: Paying on the provider's own page

  The safest place for a card number is a page that the shop never sees. What comes back from there is a browser with an
  address, which anybody can type, and an event, which only the provider can send. The shop must know the difference.

  @critical @defect-W20 @defect-L01
  Scenario: A payment on the provider's page pays for the order
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays on the provider's page with a Visa card
    Then the order is paid
    And the order is fulfilled once
    And the books balance and agree with the provider

  @high @defect-F02 @defect-R04
  Scenario: A card refused on the provider's page leaves the order unpaid
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays on the provider's page with a card that is declined
    Then the order stays unpaid
    And nothing is fulfilled

  @high @defect-R04
  Scenario: A second card on the provider's page pays
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays on the provider's page with a card that is declined
    And the shopper pays on the provider's page with a Visa card
    Then the order is paid
    And the order is fulfilled once
    And the provider has 49.99 EUR captured

  @high @defect-B06
  Scenario: The bank's check works on the provider's page
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays on the provider's page with a card that needs the bank's check
    And the shopper passes the bank's check
    Then the order is paid
    And the order is fulfilled once

  @critical @defect-F09
  Scenario: Coming back unpaid from the provider's page pays for nothing
    Given a shopper with an unpaid order of 49.99 EUR
    And the shopper starts to pay on the provider's page
    When the shopper comes back to the shop
    Then the order stays unpaid
    And nothing is fulfilled

  @high @defect-W20 @simulator-only
  Scenario: A shopper who never comes back has still paid
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays on the provider's page with a Visa card
    And 1 hours pass
    Then the order is paid
    And the order is fulfilled once

  @high @defect-W24
  Scenario: The browser comes back at the moment at which the event arrives
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays on the provider's page with a Visa card
    And the shopper comes back to the shop while the held events arrive
    Then the order is paid
    And the order is fulfilled once
    And the books balance and agree with the provider

  @high @defect-W28
  Scenario: News of a payment overtakes the news of the checkout it belongs to
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays on the provider's page with a Visa card
    And the "checkout completed" event is lost
    And the held events arrive
    Then the order is paid
    And the order is fulfilled once

  @high @defect-W27 @simulator-only
  Scenario: A page that was left alone expires and takes no money later
    Given a shopper with an unpaid order of 49.99 EUR
    And the shopper starts to pay on the provider's page
    When 2 days pass
    Then the order stays unpaid
    And the provider counts 0 charges

  @critical @defect-W27 @simulator-only
  Scenario: An old page that expires does not undo a newer payment
    Given a shopper with an unpaid order of 49.99 EUR
    And the shopper starts to pay on the provider's page
    When the shopper pays with a Visa card
    And 2 days pass
    Then the order is paid
    And the order is fulfilled once
